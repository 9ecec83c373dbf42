# ruff: noqa: E501 - a line of a title's or a text's grammar is one line
"""Cameras, lenses and the bags they travel in."""

from endcap.demo.shelf import ProductType

TYPES = (
    ProductType(
        "camera",
        "Photo > Cameras",
        26,
        "_kind: mirrorless 449-2490, compact 229-990, slr 349-1790",
        "Halvex: Iris @#, Iris @# II | Osmarin: Vista @## | Pentaro: Reflecta #",
        """
        {brand} {model} {kind} camera, {resolution}
        {kind} camera {brand} {model}[ {set}]
        {brand} {model} {resolution} {kind} digital camera {set}
        """,
        """
        (_kind=mirrorless) Silent shutter and a viewfinder that shows the picture before you take it.
        (_kind=compact) Goes into a coat pocket and out of it in a second.
        (_kind=slr) An optical finder and a grip for big hands.
        (_set=body) Body only, lens not included.
        (_set=kit) With a zoom to begin with, 18-55 mm.
        Eyes are found and kept sharp, those of dogs too.
        """,
        {
            "resolution": "20 MP|24 MP|33 MP|45 MP",
            "_kind": "mirrorless=mirrorless~system|compact|slr=SLR~reflex",
            "_set": "body=body|kit=with 18-55 mm lens",
        },
        dear="resolution",
        icon="camera",
    ),
    ProductType(
        "lens",
        "Photo > Lenses",
        22,
        "129-1690",
        "Halvex | Osmarin | Pentaro | Irisolle",
        """
        {brand} {focal} {aperture} {use} lens for {for brand} cameras
        {brand} {focal} {aperture} for {for brand}
        {use} lens {focal} by {brand}, {for brand} mount
        """,
        """
        (use=portrait) Soft behind, sharp on the lashes.
        (use=macro) Gets as near as a hand's width; bees fill the frame.
        (use=telephoto) Brings the far bank of the lake to you.
        (use=wide-angle) For small rooms and big skies.
        Fits the {for} and its sisters. Camera not included.
        Sealed against <drizzle|dust and spray>, cap and hood included.
        """,
        {
            "use": "portrait|macro|telephoto=telephoto~tele zoom|wide-angle",
            "focal": "(use=portrait) 50 mm|(use=portrait) 85 mm|(use=macro) 60 mm|(use=macro) 100 mm|(use=telephoto) 70-300 mm|(use=telephoto) 100-400 mm|(use=wide-angle) 16 mm|(use=wide-angle) 24 mm|(use=portrait) 56 mm",
            "aperture": "(use!=telephoto) f/1.8|f/2.8|f/4",
        },
        fits="camera",
        icon="lens",
    ),
    ProductType(
        "camera-bag",
        "Photo > Accessories > Bags",
        16,
        "15-149",
        "Tuckaway | Trailhorn | Marlowe & Pike",
        """
        {brand} {style} for camera and {amount}
        Camera {style} {brand}, {colour}[, splash-proof]
        {colour} {style} for mirrorless camera with {amount}
        """,
        """
        Dividers move by Velcro. Does not look like a camera bag, which is the point.
        (_style=backpack) Opens at the side while it hangs from one shoulder.
        Rain cover in the bottom pocket. Camera and lenses not included.
        """,
        {
            "_style": "bag=shoulder bag|backpack=backpack|holster=holster",
            "_amount": "two lenses|three lenses|one lens",
            "colour": "black|olive|grey",
        },
        icon="bag",
        stuffing="camera mirrorless SLR digital camera lens Halvex Osmarin Pentaro camera photo.",
    ),
    ProductType(
        "camera-battery",
        "Photo > Accessories > Batteries",
        14,
        "12-69",
        "Cellmend | Halvex | Osmarin | Voltane",
        """
        {brand} battery for {for} camera, {capacity}
        Rechargeable battery {capacity} for {for}
        {for} spare battery [with charger]
        """,
        """
        A second battery for the second half of the wedding.
        Shows its charge in the display of the {for}. Does not fit the {other}.
        """,
        {"capacity": "1030 mAh|1600 mAh|2280 mAh"},
        dear="capacity",
        fits="camera",
        icon="battery",
    ),
    ProductType(
        "tripod",
        "Photo > Tripods",
        14,
        "15-249",
        "Gripsley: Stork @# | Irisolle: Tri # | Trailhorn",
        """
        {brand} {model} {material} tripod, {height}
        {kind} tripod {brand} {model}[ for {use}]
        {height} tripod for {use}, {material}, {brand}
        """,
        """
        (material=carbon) Carbon: a kilo less on the way up.
        (_kind=table) Bends round a branch or stands on a table.
        Comes with a ball head and a level. Camera and phone not included.
        Packs down to <forty|thirty-five|fifty> centimetres.
        """,
        {
            "material": "aluminium|carbon",
            "height": "25 cm|140 cm|165 cm",
            "_use": "camera|smartphone|camera and phone",
            "_kind": "travel|table=mini|studio",
        },
        dear="material",
        icon="tripod",
    ),
    ProductType(
        "action-cam",
        "Photo > Action cameras",
        8,
        "79-450",
        "Halvex: Dash # | Velocet: Onboard @#",
        """
        {brand} {model} action camera {resolution}, waterproof
        {resolution} action cam {brand} {model}[ with {extra}]
        """,
        """
        On the helmet, on the board, under water to ten metres.
        (_extra=mounts) Nine mounts in the box. Steadies the picture on gravel.
        """,
        {"resolution": "Full HD|4K|5K", "_extra": "mounts=mount set|batt=two batteries"},
        dear="resolution",
        icon="camera",
    ),
    ProductType(
        "instant-camera",
        "Photo > Instant cameras",
        8,
        "59-190",
        "Osmarin: Snapp # | Irisolle: Pico",
        """
        {brand} {model} instant camera, {colour}
        {colour} instant camera {brand} {model} with <film|strap>
        """,
        """
        The picture comes out of the top and is passed round.
        Takes small film, ten pictures a pack. For parties and guest books.
        """,
        {"colour": "mint|pink|white|black"},
        icon="camera",
    ),
    ProductType(
        "film",
        "Photo > Film",
        9,
        "8-35",
        "Osmarin | Irisolle",
        """
        {brand} instant film for {for}, {pack}
        {pack} instant film {brand} [{frame} frame]
        """,
        """
        Keep it cool and use it within two years. For the {for}. Camera not included.
        Pictures of credit-card size with a {frame} frame.
        """,
        {"pack": "10 pictures|20 pictures|40 pictures", "frame": "white|black|patterned"},
        dear="pack",
        fits="instant-camera",
        icon="card",
    ),
    ProductType(
        "binoculars",
        "Photo > Binoculars",
        12,
        "35-590",
        "Halvex: Heron @# | Trailhorn: Scout",
        """
        {brand} {model} binoculars {power}
        {power} binoculars for {use}, {brand} {model}
        """,
        """
        (use=birdwatching) Focuses near enough for a robin at the feeder.
        (use=stargazing) Heavy and bright; lean on a fence.
        (use=theatre) Small enough for an evening bag.
        Filled with nitrogen, so they do not mist up.
        """,
        {"power": "8x25|8x42|10x42|10x50", "use": "birdwatching|stargazing|theatre|hiking"},
        icon="binoculars",
    ),
    ProductType(
        "photo-frame",
        "Photo > Frames and albums",
        14,
        "5-49",
        "Hollin & Ash | Paperlark | Svalbo",
        """
        {material} picture frame {size}, {brand}
        {brand} photo frame {size} in {material}[, {colour}]
        {colour} {material} frame by {brand} for pictures of {size}
        """,
        """
        <Stands or hangs|Hangs>, upright or across. The people in the picture are not ours.
        With a passe-partout for the next size down.
        (material=oak or walnut) Real wood, oiled, so that no two are alike.
        Glass that does not <glare|break when a football meets it>.
        """,
        {
            "material": "oak|aluminium|walnut|bamboo",
            "size": "10 x 15 cm|20 x 30 cm|A4|50 x 70 cm",
            "colour": "natural|black|white|gold",
        },
        dear="size",
        icon="frame",
    ),
    ProductType(
        "digital-frame",
        "Photo > Frames and albums",
        5,
        "49-189",
        "Lumbrix: Recall # | Hexolo",
        """
        {brand} {model} digital photo frame {screen size}
        {screen size} digital picture frame with Wi-Fi, {brand} {model}
        """,
        """
        Grandparents get the pictures that you send from the phone.
        Switches itself off when the room goes dark.
        """,
        {"screen size": '7"|10.1"|15.6"'},
        dear="screen size",
        icon="frame",
    ),
    ProductType(
        "photo-album",
        "Photo > Frames and albums",
        7,
        "9-59",
        "Paperlark | Inkwell & Co",
        """
        {brand} photo album, {pages}, {cover} cover
        {cover} album for photographs by {brand}[, {pages}]
        """,
        """
        Thick <black|cream> pages for corners and glue, with tissue between them.
        Lies flat when open. A box for it costs extra.
        """,
        {"pages": "40 pages|60 pages|100 pages", "_cover": "linen|leather|velvet"},
        dear="pages",
        icon="frame",
    ),
)
