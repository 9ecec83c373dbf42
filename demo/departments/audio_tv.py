# ruff: noqa: E501 - a line of a title's or a text's grammar is one line
"""Televisions, loudspeakers, headphones and what belongs to them."""

from endcap.demo.shelf import ProductType

TYPES = (
    ProductType(
        "tv",
        "Audio & TV > Televisions",
        30,
        "179-1990",
        "Lumbrix: Aura @##, Aura @## Slim | Corvane: Cinema @# | Belltane: Hearth @##",
        """
        {brand} {model} {screen size} {panel} {noun}
        {screen size} {resolution} {noun} {brand} {model}
        {brand} {model} {resolution} smart TV, {screen size}[, {panel}]
        """,
        """
        (panel=OLED) Black is black, also in a dark room.
        (panel=LED) Bright enough for a living room with big windows.
        (screen size=32") The size for a kitchen or a caravan.
        (screen size=65" or 75") Sit three metres away.
        {resolution} picture, <four|three> HDMI sockets, all the usual apps.
        Stands on two feet or hangs on the wall; the wall mount is sold separately.
        """,
        {
            "screen size": '32"~80 cm|43"~109 cm|50"~127 cm|55"~139 cm|65"~164 cm|75"~190 cm',
            "panel": "LED|QLED|OLED",
            "resolution": "HD|Full HD|4K|8K",
            "_noun": "TV~television~smart TV",
        },
        dear="screen size",
        icon="tv",
        varies="screen-size _noun",
    ),
    ProductType(
        "tv-mount",
        "Audio & TV > Accessories > Wall mounts",
        14,
        "12-129",
        "Gripsley | Brakk | Hangwell",
        """
        {brand} TV wall mount {movement}, <32" to 55"|up to 65"|43" to 75">
        {movement} wall bracket for televisions {range}, {brand}
        {brand} {movement} bracket for {range} TV
        """,
        """
        (movement=swivelling) Pulls out, turns and tilts, and finds its way back.
        (movement=fixed) Two centimetres from the wall.
        Screws for brick and for plasterboard included. Television not included.
        """,
        {
            "movement": "fixed=fixed~flat|tilting|swivelling=swivelling~full-motion",
            "_range": '32" to 43"|43" to 65"|50" to 75"',
        },
        dear="movement",
        icon="holder",
        stuffing='TV television 43" 50" 55" 65" 4K OLED smart TV screen monitor mount.',
    ),
    ProductType(
        "remote",
        "Audio & TV > Spare parts > Remote controls",
        12,
        "8-39",
        "Cellmend | Lumbrix | Clickerby",
        """
        {brand} remote control for {for} TV
        Replacement remote, fits {for}
        {for} TV remote[, {colour}]
        """,
        """
        For the one that the sofa swallowed. Works at once, no pairing. Batteries not included.
        Same keys in the same places as on the remote of the {for}.
        """,
        {"colour": "black|white"},
        fits="tv",
        icon="remote",
    ),
    ProductType(
        "tv-stand",
        "Home & Furniture > Living room > TV units",
        10,
        "69-390",
        "Hollin & Ash | Dunmere | Svalbo",
        """
        {brand} TV {noun} in {material}, {width}
        {width} TV {noun} for televisions up to {max}, {brand}
        """,
        """
        Cables leave through the back, dust stays out of the player.
        (material=oak) Solid oak with brass knobs. Television not included.
        Carries a {max} set.
        """,
        {
            "material": "oak|walnut veneer|white lacquer",
            "width": "120 cm|140 cm|180 cm",
            "_max": '55"|65"',
            "_noun": "unit~stand~bench",
        },
        dear="width",
        icon="cabinet",
    ),
    ProductType(
        "soundbar",
        "Audio & TV > Soundbars",
        12,
        "79-690",
        "Corvane: Stage @#, Stage @# Sub | Lumbrix: Hum @##",
        """
        {brand} {model} soundbar {channels}
        {channels} soundbar {brand} {model}[ with {extra}]
        {brand} {model} TV soundbar, {extra}
        """,
        """
        Makes voices clear again without waking the house.
        (_extra=sub) The subwoofer needs no cable and hides behind the curtain.
        One HDMI cable to the TV, that is all.
        """,
        {"channels": "2.0|2.1|3.1|5.1", "_extra": "sub=wireless subwoofer|wall=wall kit|bt=Bluetooth"},
        dear="channels",
        icon="speaker",
    ),
    ProductType(
        "headphones",
        "Audio & TV > Headphones",
        40,
        "19-390",
        "Corvane: Aria @#, Aria @# NC | Tindrel: Quiet # | Lumbrix: Bud #, Bud # Sport | Aurelo: Ear #",
        """
        {brand} {model} {link} {form}, {colour}
        {brand} {model} {form} with {feature}
        {link} {form} {brand} {model}, {feature}[, {colour}]
        """,
        """
        (feature=noise cancelling) The train goes silent, the podcast stays.
        (feature=open back) Open at the back: airy sound that your neighbour shares.
        (feature=sweat-proof) For runners: hooks hold them in the ear, and sweat does no harm.
        (form=over-ear) Soft cushions that take glasses into account.
        (form=in-ear) Three sizes of tips in the box, and a case that recharges them four times.
        (form=on-ear) Folds flat.
        (link=wired) With a jack plug of 3.5 mm, no battery to go flat.
        (link=Bluetooth) Plays for <twenty|thirty|eight|forty> hours.
        """,
        {
            "form": "over-ear=over-ear headphones~headphones|in-ear=in-ear headphones~earbuds~earphones|on-ear=on-ear headphones",
            "link": "Bluetooth=Bluetooth~wireless|Bluetooth=wireless|wired",
            "feature": "noise cancelling=noise cancelling~active noise cancellation|(form=over-ear) open back|(form=in-ear) sweat-proof=sweat-proof design~sport fit|microphone=microphone",
            "colour": "black|white|sand|midnight blue",
        },
        icon="headphones",
    ),
    ProductType(
        "ear-pads",
        "Audio & TV > Spare parts > Ear pads and tips",
        12,
        "7-35",
        "Cellmend | Corvane | Softly",
        """
        {brand} replacement ear {noun} for {for}
        {material} ear {noun} to fit {for} headphones
        {for} ear {noun}[, {colour}, pair]
        """,
        """
        The old ones crumble after three years; these click on in a minute. Headphones not included.
        (material=velour) Cooler than leather in summer. Measured for the {for}.
        """,
        {"_noun": "pads~cushions", "material": "velour|protein leather|memory foam", "colour": "black|grey"},
        fits="headphones",
        icon="headphones",
    ),
    ProductType(
        "speaker",
        "Audio & TV > Loudspeakers",
        24,
        "_kind: portable 25-249, shelf 99-590, smart 39-249",
        "Corvane: Boom @#, Boom @# Mini | Tindrel: Stone # | Belltane: Parlour",
        """
        {brand} {model} {kind}[, {colour}]
        (_kind=portable) {kind} {brand} {model} with {battery} of play
        {kind} {brand} {model}, {colour}
        {colour} {kind} {brand} {model}
        """,
        """
        (_kind=portable) Thrown into the paddling pool, it floats and goes on playing.
        (_kind=shelf) Real wood, heavy magnets, sold by the pair.
        (_kind=smart) Answers questions about the weather. The microphone has a proper off switch.
        (waterproof=yes) Waterproof to IP67.
        (_kind=portable) Louder than its size suggests, with {battery} in the battery.
        (_kind!=portable) Fills a room of thirty square metres.
        """,
        {
            "_kind": "(brand!=Belltane) portable=Bluetooth speaker~portable speaker|(brand=Belltane) shelf=bookshelf speakers|(brand=Tindrel) smart=smart speaker",
            "waterproof": "(_kind=portable) yes|no",
            "_battery": "10 hours|15 hours|24 hours",
            "colour": "black|red|teal|walnut",
        },
        icon="speaker",
    ),
    ProductType(
        "turntable",
        "Audio & TV > Turntables",
        7,
        "99-590",
        "Belltane: Groove @# | Corvane: Vinyl #",
        """
        {brand} {model} turntable, {drive}
        Record player {brand} {model}[ with {extra}]
        """,
        """
        Plays records at 33 and 45. The needle is fitted and set.
        (_extra=usb) Turns your vinyl into files. Speakers not included.
        """,
        {"drive": "belt drive|direct drive", "_extra": "usb=USB output|pre=phono preamplifier"},
        icon="turntable",
    ),
    ProductType(
        "radio",
        "Audio & TV > Radios",
        9,
        "25-229",
        "Belltane: Parlour @, Parlour @ Bath | Tindrel: Tune",
        """
        {brand} {model} {kind} radio in {colour}
        {kind} radio {brand} {model} with {extra}
        """,
        """
        (_extra=alarm) Wakes you with the news or, more kindly, with music.
        (_kind=kitchen) Screws under the wall cupboard.
        One knob for the volume, one for the station.
        """,
        {
            "_kind": "dab=DAB+|internet|kitchen=kitchen",
            "_extra": "alarm=alarm clock|bt=Bluetooth|batt=battery",
            "colour": "cream|black|mint",
        },
        icon="radio",
    ),
    ProductType(
        "streaming-stick",
        "Audio & TV > Streaming",
        6,
        "29-149",
        "Lumbrix: Beam # | Hexolo: Cast",
        """
        {brand} {model} streaming stick {resolution} for TV
        {resolution} streaming box {brand} {model}
        """,
        """
        Makes an old television a smart one. Plugs into HDMI.
        Remote with voice search. Needs Wi-Fi and your own subscriptions.
        """,
        {"resolution": "Full HD|4K"},
        dear="resolution",
        icon="drive",
    ),
    ProductType(
        "battery",
        "Audio & TV > Batteries",
        16,
        "3-29",
        "Voltane | Ampleby | Duralight",
        """
        {brand} {cell} {kind} batteries, {pack}
        {pack} {cell} {kind} battery, {brand}
        """,
        """
        (_kind=rechargeable) Good for a thousand charges; come charged from the sun.
        (_kind=alkaline) Still full after ten years in the drawer.
        For <remote controls, toys and mice|torches and clocks|smoke alarms and scales>.
        """,
        {
            "cell": "AA|AAA|C|CR2032|9 V",
            "_kind": "alkaline|rechargeable=rechargeable NiMH|lithium",
            "pack": "pack of 4~4 pieces|pack of 8|pack of 20",
        },
        dear="pack",
        icon="battery",
    ),
)
