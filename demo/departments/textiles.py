# ruff: noqa: E501 - a line of a title's or a text's grammar is one line
"""Light, textiles and the small things of a home."""

from endcap.demo.shelf import ProductType

TYPES = (
    ProductType(
        "lamp",
        "Home & Furniture > Lighting > Lamps",
        26,
        "_kind: desk 19-149, floor 39-290, pendant 25-249, night 9-39, table 15-129",
        "Lumora: Moth | Svalbo: Ljus | Dunmere | Thornbury House",
        """
        {brand} {model} {kind}, {material}
        {colour} {kind} in {material} by {brand}
        {kind} {brand} {model} [{colour}]
        """,
        """
        (_kind=desk) Bends over the page. Three steps of brightness.
        (_kind=floor) Reaches over the back of the sofa. Sofa not included.
        (_kind=pendant) Hangs low over a table; the cord can be shortened.
        (_kind=night) A warm glow that scares nothing but monsters.
        (bulb included=no) Bulb (E27) not included.
        (bulb included=yes) With a bulb that lasts fifteen years.
        (dimmable=yes) Dims with a touch.
        """,
        {
            "_kind": "desk=desk lamp~reading lamp|floor=floor lamp~standard lamp|pendant=pendant lamp~hanging lamp|night=night light|table=table lamp",
            "material": "brass|paper|steel|glass|rattan",
            "bulb included": "yes|no",
            "dimmable": "yes|no",
            "colour": "black|white|sage|terracotta",
        },
        icon="lamp",
    ),
    ProductType(
        "bulb",
        "Home & Furniture > Lighting > Bulbs",
        18,
        "2-39",
        "Lumora | Voltane | Glintmor",
        """
        {brand} LED bulb {socket}, {watt}, {tone}
        {tone} LED {socket} {watt}[, {pack}], {brand}
        {pack} {socket} bulbs {brand}, {dim}
        """,
        """
        !(dimmable=no) Not dimmable.
        As bright as an old 60-watt lamp. Lamp not included.
        (_tone=warm) The colour of candles.
        (_tone=day) Daylight for workshops and mirrors.
        """,
        {
            "socket": "E27|E14|GU10",
            "watt": "4 W|7 W|9 W|14 W",
            "dimmable": "yes|no",
            "_dim": "(dimmable=yes) dimmable|(dimmable=no) not dimmable",
            "_tone": "warm=warm white|day=daylight white|neutral=neutral white",
            "pack": "pack of 2|pack of 4|single",
        },
        icon="bulb",
        stuffing="lamp desk lamp floor lamp pendant lamp light table lamp LED lamp.",
    ),
    ProductType(
        "rug",
        "Home & Furniture > Textiles > Rugs",
        16,
        "25-590",
        "Thornbury House | Svalbo | Dunmere",
        """
        {brand} {material} rug {size}, {colour}
        {colour} {kind} in {material}, {size}, {brand}
        {size} {kind} by {brand}[, {colour}]
        """,
        """
        (material=wool) Wool keeps dirt on the surface, where the vacuum cleaner gets it.
        (material=jute) Rough underfoot and honest.
        (material=cotton) Light enough for the washing machine.
        (_kind=outdoor) May lie in the rain.
        Underlay sold separately.
        """,
        {
            "_kind": "rug=rug~carpet|outdoor=outdoor rug|runner",
            "material": "(_kind=outdoor) polypropylene|(_kind!=outdoor) wool|(_kind!=outdoor) jute|(_kind!=outdoor) cotton",
            "size": "80 x 150 cm|120 x 180 cm|160 x 230 cm|200 x 300 cm",
            "colour": "cream|rust|indigo|charcoal",
        },
        dear="size",
        icon="rug",
    ),
    ProductType(
        "curtain",
        "Home & Furniture > Textiles > Curtains",
        16,
        "_kind: blackout 25-129, sheer 15-79, shower 12-59",
        "Thornbury House | Softly | Feathergrove",
        """
        {brand} {kind} {colour}, {size}
        {colour} {kind} in {material} by {brand}
        {kind} {size} {brand}[, {material}]
        """,
        """
        (_kind=blackout) Night at noon, and half the street's noise.
        (_kind=sheer) Lets the light in and the looks out.
        (_kind=shower) No plastic smell. With twelve rings.
        <Two panels|One panel>, eyelets at the top. Rail not included.
        """,
        {
            "_kind": "blackout=blackout curtains~dim-out curtains|sheer=sheer curtains~net curtains|shower=shower curtain",
            "material": "(_kind!=shower) linen|(_kind!=shower) cotton|polyester",
            "size": "140 x 245 cm|180 x 200 cm|135 x 260 cm",
            "colour": "white|sand|navy|forest green",
        },
        icon="curtain",
    ),
    ProductType(
        "cushion",
        "Home & Furniture > Textiles > Cushions and throws",
        18,
        "_kind: cushion 15-69, cover 7-39, throw 19-129",
        "Thornbury House | Feathergrove | Svalbo",
        """
        {brand} {material} {kind}, {colour}
        {colour} {kind} {size} in {material}, {brand}
        {kind} by {brand}[, {size}]
        """,
        """
        (_kind=cushion) Filling included, which is not a matter of course.
        (_kind=cover) Cover only, without filling.
        (_kind=throw) For the sofa, and for knees on the balcony.
        {material}, washed soft.
        """,
        {
            "_kind": "cushion=cushion~throw pillow|cover=cushion cover|throw=throw blanket~blanket",
            "material": "wool|linen|velvet|cotton",
            "size": "(_kind!=throw) 45 x 45 cm|(_kind!=throw) 60 x 40 cm|(_kind=throw) 130 x 170 cm",
            "colour": "ochre|petrol|off-white|rust",
        },
        icon="cushion",
    ),
    ProductType(
        "vacuum",
        "Home & Furniture > Cleaning > Vacuum cleaners",
        16,
        "59-690",
        "Grumbold: Gale @#, Gale @# Pet | Castorra: Zefir # | Hexolo: Robo @#",
        """
        {brand} {model} {kind}[, {colour}]
        {kind} {brand} {model} {bag}
        {bag} {kind} {brand} {model} for {floor}
        """,
        """
        (_kind=robot) Finds its way round chair legs and back to its dock.
        (_kind=stick) Sixty minutes without a cord, then it hangs on the wall.
        (_kind=floor) Quiet, strong, with nine metres of reach.
        !(bag=no) Works without bags; the box empties with a click.
        (_floor=pet) A brush that eats hair and does not choke.
        """,
        {
            "_kind": "(brand=Hexolo) robot=robot vacuum cleaner~robot hoover|(brand!=Hexolo) stick=cordless vacuum cleaner~cordless hoover|(brand!=Hexolo) floor=vacuum cleaner~hoover",
            "bag": "(_kind=floor) yes|no",
            "_bag": "(bag=yes) yes=with bag|(bag=no) no=bagless~without bag",
            "_floor": "pet=pet hair|hard=hard floors|carpet",
            "colour": "red|black|white",
        },
        icon="vacuum",
    ),
    ProductType(
        "vacuum-bag",
        "Home & Furniture > Cleaning > Vacuum bags and filters",
        13,
        "6-35",
        "Cellmend | Grumbold | Klarwell",
        """
        {brand} {kind} for {for}, {pack}
        {for} vacuum cleaner {kind}[, {pack}]
        {pack} {kind} to fit {for}
        """,
        """
        (_kind!=brush) Fleece in several layers that keeps the dust in.
        Change it with one click. Vacuum cleaner not included.
        Change every two months. For the {for}, not for the {other}.
        """,
        {"_kind": "bag=dust bags|filter=HEPA filter|brush=side brushes", "pack": "pack of 4|pack of 8|pack of 2"},
        dear="pack",
        fits="vacuum",
        icon="filter",
        stuffing="vacuum cleaner hoover robot vacuum cordless vacuum cleaner bagless {for brand}.",
    ),
    ProductType(
        "clock",
        "Home & Furniture > Decoration > Clocks",
        10,
        "12-129",
        "Hollin & Ash | Lumora | Belltane",
        """
        {brand} {kind}, {material}
        {material} {kind} {brand} {size}
        """,
        """
        (_kind=alarm) Two alarms, because one is never enough.
        (_kind=wall) The hand glides; you will not hear it tick.
        Runs on one AA battery, which is not included.
        """,
        {
            "_kind": "wall=wall clock|alarm=alarm clock",
            "material": "oak|steel|plastic|glass",
            "_size": "10 cm|25 cm|30 cm",
        },
        icon="clock",
    ),
    ProductType(
        "candle",
        "Home & Furniture > Decoration > Candles and scents",
        16,
        "4-49",
        "Saltmarsh & Rue | Thornbury House | Softly",
        """
        {brand} {scent} candle in {pot}[, {hours}]
        {scent} {kind} {brand}, {hours}
        {brand} {kind}: {scent}
        """,
        """
        !(scent=none) Without scent, for the dinner table.
        (scent=fig) Green fig and its leaf.
        (scent=cedar) Cedar, smoke and a little orange.
        Wax of <rapeseed|soy|bees>. Burns for {hours}.
        """,
        {
            "scent": "fig|cedar|linen|none=unscented~fragrance-free",
            "_kind": "jar=jar candle|pillar=pillar candle|dinner=dinner candles",
            "_pot": "glass|stoneware|tin",
            "_hours": "20 hours|40 hours|60 hours",
        },
        icon="candle",
    ),
)
