# ruff: noqa: E501 - a line of a title's or a text's grammar is one line
"""Furniture."""

from endcap.demo.shelf import ProductType

TYPES = (
    ProductType(
        "sofa",
        "Home & Furniture > Living room > Sofas",
        30,
        "249-1990",
        "Lounga: Halden, Vik | Hollin & Ash: Mersey | Svalbo: Knut | Dunmere: Idle",
        """
        {brand} {model} {seats} {noun}, {colour} {cover}
        {noun} {brand} {model} in {cover}[, {width}]
        {colour} {seats} {noun} {model} by {brand}
        {brand} {seats} {noun} with {extra}
        """,
        """
        (_extra=bed) Becomes a bed for two in ten seconds.
        (cover=velvet) Velvet that shrugs off red wine.
        (cover=leather) Leather that will look better in ten years.
        (cover=linen) Covers come off and go into the machine.
        {width} wide, feet of beech. <Delivered to the room you choose|Two people carry it up|Comes in two boxes>.
        """,
        {
            "_noun": "sofa~couch~sofa~settee",
            "seats": "two-seat=two-seater~2-seater|three-seat=three-seater~3-seater|corner=corner",
            "cover": "velvet|linen|leather|bouclé",
            "colour": "petrol|oatmeal|cognac|grey|moss green",
            "width": "160 cm|190 cm|220 cm|260 cm",
            "_extra": "bed=sleep function~fold-out bed|chest=storage chest|none=loose cushions",
        },
        varies="colour cover _noun width",
        dear="width",
        icon="sofa",
    ),
    ProductType(
        "sofa-cover",
        "Home & Furniture > Living room > Sofa covers",
        16,
        "19-119",
        "Softly | Mellow Lane | Svalbo",
        """
        {brand} stretch cover for {seats} {noun}s, {colour}
        {noun} throw {colour} {material}, {brand}
        {seats} {noun} slipcover in {colour} by {brand}
        """,
        """
        Hides what the cat did. Sofa not included.
        (material=polyester) Stretches by half its width; elastic underneath holds it.
        (material=cotton) Heavy cotton with tassels, washable at 40.
        """,
        {
            "_noun": "sofa~couch",
            "seats": "two-seat=two-seater~2-seater|three-seat=three-seater|corner=corner",
            "colour": "grey|sand|charcoal|sage",
            "material": "polyester|cotton",
        },
        icon="throw",
        stuffing="sofa couch settee corner sofa three-seater sofa living room leather sofa bed.",
    ),
    ProductType(
        "armchair",
        "Home & Furniture > Living room > Armchairs",
        15,
        "_kind: wing 149-890, recliner 249-990, rocking 129-590",
        "Lounga: Ove | Dunmere: Idle | Hollin & Ash",
        """
        {brand} {model} {kind} in {colour} {cover}
        {colour} {cover} {kind} {brand}
        {kind} {brand} {model}[, {cover}]
        """,
        """
        (_kind=wing) High ears to lean a sleepy head on.
        (_kind=recliner) The foot comes up when you lean back; no motor, no cable.
        (_kind=rocking) Rocks babies, and grown-ups with a book.
        Footstool sold separately.
        """,
        {
            "_kind": "wing=wing chair~armchair|recliner=recliner~reclining chair|rocking=rocking chair",
            "cover": "velvet|wool|leather",
            "colour": "mustard|grey|navy|cognac",
        },
        icon="chair",
    ),
    ProductType(
        "bed",
        "Home & Furniture > Bedroom > Beds",
        16,
        "_kind: frame 149-890, box 390-1490, bunk 249-790, day 149-490",
        "Svalbo: Natt | Hollin & Ash: Rest | Dunmere",
        """
        {brand} {model} {kind} {size}, {material}
        {size} {kind} in {material}, {brand}
        {material} {kind} {brand} {model}[ {size}]
        """,
        """
        (_kind=box) Mattress and topper are included.
        (_kind=frame) Slats and mattress not included.
        (_kind=bunk) A ladder left or right; the upper bed from six years on.
        Does not creak: the joints are wedged, not screwed.
        """,
        {
            "_kind": "frame=bed frame|box=box-spring bed~divan|bunk=bunk bed|day=day bed",
            "size": "90 x 200 cm|140 x 200 cm|160 x 200 cm|180 x 200 cm",
            "material": "(_kind!=box) oak|(_kind!=box) pine|(_kind=box) fabric|(_kind!=box) steel|(_kind=box) bouclé",
        },
        dear="size",
        icon="bed",
    ),
    ProductType(
        "mattress",
        "Home & Furniture > Bedroom > Mattresses",
        13,
        "89-890",
        "Softly: Nine, Nine Firm | Feathergrove: Hush",
        """
        {brand} {model} {kind} mattress {size}
        {size} mattress {brand} {model}, {firmness}
        {firmness} {kind} mattress {size}, {brand}
        """,
        """
        (firmness=firm) For backs that complain on soft beds, and for people over ninety kilos.
        (firmness=soft) For side sleepers.
        (_kind=spring) Each spring in a pocket of its own.
        A hundred nights to try it. The cover has a zip on four sides.
        """,
        {
            "_kind": "foam=memory foam|spring=pocket spring|latex=natural latex",
            "firmness": "soft|medium|firm",
            "size": "90 x 200 cm|140 x 200 cm|160 x 200 cm|180 x 200 cm",
        },
        dear="size",
        icon="bed",
    ),
    ProductType(
        "bedding",
        "Home & Furniture > Bedroom > Bedding",
        26,
        "_kind: duvet 39-249, set 25-129, sheet 12-49, pillow 15-99",
        "Feathergrove | Softly | Thornbury House",
        """
        {brand} {material} {kind} {size}[, {colour}]
        {colour} {kind} in {material} by {brand}
        {kind} {size}, {material}, {brand}
        """,
        """
        !(material=synthetic down) Without feathers, for allergy sufferers.
        (_kind=duvet) Warm without weight. Boxes keep the filling where it should be.
        (_kind=set) One cover, one pillowcase, buttons of wood.
        (_kind=pillow) Soft in the middle, firm enough at the edge to read against.
        (_kind=sheet) Elastic all round, for mattresses up to 30 cm.
        (material=linen) Cool in summer, never ironed.
        (material=flannel) For rooms where the window stays open in January.
        """,
        {
            "_kind": "duvet=duvet~quilt|set=duvet cover set~bed linen set|sheet=fitted sheet|pillow",
            "material": "(_kind=duvet or pillow) goose down|(_kind=duvet or pillow) synthetic down|(_kind=set or sheet) linen|(_kind=set or sheet) cotton|(_kind=set) flannel",
            "size": "135 x 200 cm|80 x 80 cm|180 x 200 cm|155 x 220 cm",
            "colour": "white|sand|dusty blue|rust",
        },
        icon="throw",
    ),
    ProductType(
        "dining-table",
        "Home & Furniture > Dining room > Tables",
        18,
        "_kind: dining 149-990, ext 249-1290, coffee 59-490, side 29-190",
        "Hollin & Ash: Board | Svalbo: Fjord | Dunmere",
        """
        {brand} {model} {kind} {size}, {material}
        {material} {kind} {brand}, {size}
        {kind} in {material} by {brand}[ for {people}]
        """,
        """
        (_kind=ext) Two leaves hide underneath and make room for ten.
        (_kind=coffee) Low, with a shelf for the papers.
        (_kind=side) Holds a lamp, a book and a glass.
        (material=oak) Oiled oak; a wet glass leaves no ring.
        Chairs not included.
        """,
        {
            "_kind": "dining=dining table~kitchen table|ext=extending dining table|coffee=coffee table|side=side table",
            "material": "oak|walnut|white lacquer|pine",
            "size": "(_kind=coffee) 90 x 60 cm|(_kind=side) 45 cm|(_kind=dining or ext) 140 x 90 cm|(_kind=dining or ext) 180 x 90 cm|(_kind=dining or ext) 200 x 100 cm",
            "_people": "(_kind=dining or ext) six|(_kind=dining or ext) eight|(_kind=coffee or side) small rooms",
        },
        icon="table",
    ),
    ProductType(
        "chair",
        "Home & Furniture > Dining room > Chairs",
        16,
        "29-249",
        "Hollin & Ash | Svalbo: Stol | Dunmere",
        """
        {brand} {model} dining chair, {material}[, {colour}]
        {colour} {kind} with {seat} seat, {brand}
        {kind} {brand} in {material}, {number}
        """,
        """
        Sits well through the third course. {seat} seat, {material} frame.
        Felt under the feet. <Stacks four high|Assembled in five minutes|Sold by the pair>. Table not included.
        """,
        {
            "material": "beech|oak|steel",
            "_seat": "woven|padded|plywood",
            "_kind": "dining chair~kitchen chair|stool=bar stool",
            "_number": "set of 2|set of 4|single",
            "colour": "black|natural|green",
        },
        icon="chair",
    ),
    ProductType(
        "shelf",
        "Home & Furniture > Storage > Shelves",
        22,
        "_kind: book 49-290, wall 9-69, shoe 19-119, wardrobe 149-690, chest 79-390",
        "Svalbo: Rad | Hollin & Ash | Hangwell",
        """
        {brand} {model} {kind}, {material}, {width}
        {material} {kind} {width} by {brand}
        {kind} {brand} {model}[, {colour}]
        """,
        """
        (_kind=book) Five boards, thirty kilos each.
        (_kind=wall) Holds by hidden bolts; plugs for masonry included.
        (_kind=shoe) For sixteen pairs, wet ones at the bottom.
        (_kind=wardrobe) Sliding doors; one is a mirror.
        Screw it to the wall where children climb.
        """,
        {
            "_kind": "book=bookcase~bookshelf|wall=wall shelf~floating shelf|shoe=shoe rack~shoe cabinet|wardrobe|chest=chest of drawers",
            "material": "oak|pine|white lacquer|bamboo",
            "width": "60 cm|80 cm|120 cm",
            "colour": "white|black|natural",
        },
        dear="width",
        icon="shelf",
    ),
)
