# ruff: noqa: E501 - a line of a title's or a text's grammar is one line
"""Knives, tableware, baking, storage, and the large kitchen machines."""

from endcap.demo.shelf import ProductType

TYPES = (
    ProductType(
        "knife",
        "Kitchen > Knives",
        20,
        "_kind: chef 19-249, bread 15-149, paring 5-59, santoku 29-290, ceramic 9-59",
        "Rigby & Shaw: Chef # | Emberlea | Tindale & Sons | Kazuno",
        """
        {brand} {model} {kind} {length}
        {kind} {length}, {steel}, {brand}
        {brand} {kind} with {handle} handle[, {length}]
        """,
        """
        (_kind=chef) The one knife you need if you need only one.
        (_kind=bread) Saws through crust without squashing the crumb.
        (_kind=paring) For apples, shallots and your thumb's respect.
        (_kind=santoku) Broad blade, good for scooping onions into the pan.
        (_kind=ceramic) Never rusts, never touches metal; do not drop it.
        {steel} blade, {handle} handle. By hand only, never in the dishwasher.
        """,
        {
            "length": "9 cm|16 cm|20 cm|22 cm",
            "_steel": "carbon steel|stainless steel|layered steel",
            "_handle": "olive wood|black plastic|pakka wood",
            "_kind": "chef=chef's knife~cook's knife|bread=bread knife|paring=paring knife~vegetable knife|santoku=santoku|ceramic=ceramic knife",
        },
        icon="knife",
    ),
    ProductType(
        "knife-sharpener",
        "Kitchen > Knives > Sharpeners",
        9,
        "_kind: stone 15-99, electric 29-129, rod 12-69",
        "Rigby & Shaw | Kazuno | Stahlhart",
        """
        {brand} {kind} for kitchen knives
        {kind} {brand}[ for chef's knives and scissors], {grit}
        """,
        """
        (_kind=stone) Coarse on one side, fine on the other. Soak it for ten minutes.
        (_kind=electric) Three slots, one minute, no talent needed.
        (_kind=rod) A few strokes before every use. Knife not included.
        """,
        {
            "_kind": "stone=whetstone~sharpening stone|electric=electric knife sharpener|rod=sharpening steel~honing rod",
            "grit": "400/1000|1000/6000",
        },
        icon="block",
    ),
    ProductType(
        "cutlery",
        "Kitchen > Table > Cutlery",
        10,
        "19-190",
        "Wexcombe | Tindale & Sons | Emberlea",
        """
        {brand} cutlery set {size}, {finish}
        {size} {finish} flatware set by {brand}
        {finish} knives, forks and spoons for {people}, {brand}
        """,
        """
        Heavy in the hand, thin at the lip. Dishwasher safe.
        (finish=matt black) The black stays on, we have tried with sand.
        In a box that one can give away.
        """,
        {
            "size": "16 pieces|24 pieces|60 pieces",
            "finish": "polished|brushed|matt black|gold-coloured",
            "_people": "four|six|twelve",
        },
        dear="size",
        icon="cutlery",
    ),
    ProductType(
        "plates",
        "Kitchen > Table > Crockery",
        18,
        "9-149",
        "Wexcombe | Dunmere | Thornbury House | Emberlea",
        """
        {brand} {colour} {material} {piece}[, set of {number}]
        {piece} in {material} by {brand}, {colour}
        {number} {colour} {piece} {brand}, {material}
        """,
        """
        (material=stoneware) Each with its own small faults, by intent.
        (material=porcelain) White and thin, rings when you flick it.
        (material=melamine) For children and campers; does not break.
        (material=melamine) Not for the microwave.
        <Stacks well|Looks good under soup|Goes into the dishwasher>.
        """,
        {
            "material": "stoneware|porcelain|melamine",
            "_piece": "bowl=cereal bowls~bowls|plate=dinner plates|side=side plates~dessert plates|serving=serving plates",
            "_number": "four|six|two",
            "colour": "sand|white|speckled blue|sage",
        },
        icon="plate",
    ),
    ProductType(
        "baking",
        "Kitchen > Baking",
        20,
        "6-59",
        "Emberlea | Pellimo | Wexcombe",
        """
        {brand} {kind}, {material}
        {kind} {size} by {brand}[ in {material}]
        {material} {kind} {brand} {size}
        """,
        """
        (_kind=loaf) For banana bread, and for real bread too.
        (_kind=spring) The rim opens with a clasp, so cheesecake survives.
        (_kind=muffin) Twelve hollows; paper cups optional.
        (_kind=pie) Fluted rim, deep enough for a proper filling.
        (_kind=tray) The edge is high enough for juices.
        (material=silicone) Turns inside out when the cake is stubborn.
        (material=coated steel) Coated, so butter alone will do.
        """,
        {
            "_kind": "loaf=loaf tin~bread tin|spring=springform cake tin~springform pan|muffin=muffin tray~muffin pan|tray=baking tray~oven tray|pie=pie dish",
            "material": "coated steel|silicone|(_kind=pie) ceramic",
            "size": "24 cm|26 cm|30 x 11 cm",
        },
        icon="tin",
    ),
    ProductType(
        "scale",
        "Kitchen > Scales",
        9,
        "9-69",
        "Grumbold: Gram # | Pellimo: Peso",
        """
        {brand} {model} digital kitchen scales, {range}
        Kitchen scale {brand} {model} with {extra}
        """,
        """
        Counts in grams, ounces and, for milk, millilitres.
        (_extra=timer) The timer makes it a friend of pour-over coffee.
        Weighs to the <gram|tenth of a gram>. {range} at most.
        """,
        {"_range": "up to 3 kg|up to 5 kg|up to 10 kg", "_extra": "timer|bowl=steel bowl|glass=glass plate"},
        icon="scale",
    ),
    ProductType(
        "food-box",
        "Kitchen > Storage",
        18,
        "6-49",
        "Pellimo | Tuckaway | Emberlea | Mellow Lane",
        """
        {brand} {material} food container {volume}[, {number}]
        {material} lunch box by {brand}, {volume}
        {number} storage boxes for food, {material}, {volume}, {brand}
        """,
        """
        (material=glass) From freezer to oven, without its lid.
        (material=steel) Light, dented with honour, no plastic.
        (material=plastic) Free of BPA. Lid clicks on four sides.
        <Tight enough for soup|A strap holds the lid|Stacks in a drawer>.
        """,
        {
            "material": "glass|steel=stainless steel|plastic",
            "volume": "0.5 l~500 ml|1 l~1000 ml|1.5 l",
            "_number": "set of 3|set of 5|one",
        },
        icon="box",
    ),
    ProductType(
        "vacuum-flask",
        "Kitchen > Flasks and bottles",
        22,
        "12-59",
        "Trailhorn: Hut | Wexcombe | Fjellby | Tarnfell",
        """
        {brand} {model} {noun} {volume}, {colour}
        {volume} {noun} {brand} in {colour}
        {brand} stainless steel {noun}[, {volume}, leak-proof]
        """,
        """
        !(_kind=flask) Tea from the morning still burns the tongue at lunch: hot for twelve hours.
        !(_kind=mug) Fits under the machine and into the car's holder; hot for four hours.
        !(_kind=bottle) Cold all day. Not for hot drinks. Free of BPA.
        <The lid is a cup|Opens with one thumb>. No dishwasher for this one.
        """,
        {
            "_kind": "flask|mug|bottle",
            "_noun": "(_kind=flask) vacuum flask~insulated bottle~thermal flask|(_kind=mug) travel mug~insulated mug~thermal cup|(_kind=bottle) water bottle~drinking bottle",
            "volume": "(_kind=mug) 350 ml~0.35 l|(_kind!=mug) 500 ml~0.5 l|(_kind!=mug) 750 ml|(_kind=flask) 1 l|(_kind=mug) 450 ml",
            "colour": "black|forest|sand|steel|berry",
        },
        icon="bottle",
    ),
    ProductType(
        "fridge",
        "Kitchen > Large appliances > Fridges",
        12,
        "229-1290",
        "Grumbold: Frost @## | Castorra: Cella #",
        """
        {brand} {model} {kind} {height}, {colour}
        {kind} {brand} {model}[, {volume}]
        {height} {kind}, {volume}, {brand} {model}
        """,
        """
        (_kind=combi) Freezer below, at eye level the things you use.
        (_kind=mini) For the office or the student's room.
        No frost, so no chisel. <Quieter than a clock|The door opens to the left if you like>.
        """,
        {
            "_kind": "combi=fridge-freezer|fridge=refrigerator~fridge|mini=mini fridge",
            "height": "(_kind=mini) 51 cm|(_kind=mini) 84 cm|(_kind!=mini) 178 cm|(_kind!=mini) 201 cm",
            "volume": "(_kind=mini) 46 l|(_kind=mini) 92 l|(_kind!=mini) 290 l|(_kind!=mini) 360 l",
            "colour": "white|steel|black",
        },
        dear="volume",
        icon="fridge",
    ),
    ProductType(
        "dishwasher",
        "Kitchen > Large appliances > Dishwashers",
        8,
        "329-990",
        "Grumbold: Rinse @## | Castorra: Lava #",
        """
        {brand} {model} {kind} dishwasher {width}
        {width} {kind} dishwasher {brand} {model}
        """,
        """
        (width=45 cm) Narrow, nine place settings: enough for two who cook.
        (width=60 cm) Takes fourteen place settings and the wok.
        Eco programme at 50 degrees; a light on the floor says that it is at work.
        """,
        {"_kind": "built-in|freestanding|built-under", "width": "45 cm|60 cm"},
        dear="width",
        icon="washer",
    ),
    ProductType(
        "microwave",
        "Kitchen > Microwaves and ovens",
        9,
        "59-290",
        "Grumbold: Wave @## | Pellimo: Caldo",
        """
        {brand} {model} microwave {volume}[ with grill]
        {power} microwave oven {brand} {model}, {volume}
        """,
        """
        Reheats the plate evenly and stops at the ring of the bell.
        {power}, five steps. Turntable of glass, 25 cm.
        """,
        {"volume": "17 l|20 l|25 l", "power": "700 W|800 W|900 W"},
        dear="volume",
        icon="oven",
    ),
    ProductType(
        "vacuum-sealer",
        "Kitchen > Accessories",
        10,
        "_kind: machine 39-149, bags 7-25, rolls 7-29",
        "Castorra: Sealo | Pellimo | Mellow Lane",
        """
        {brand} {model} {kind}
        {kind} by {brand}, {width}
        """,
        """
        (_kind=machine) Draws the air out and welds the bag. Cheese lives three times as long.
        (_kind=bags) For every bar sealer; fit for the freezer and the water bath.
        {width} wide.
        """,
        {
            "_kind": "machine=vacuum sealer|machine=food vacuum machine|bags=vacuum sealer bags|rolls=vacuum rolls for food",
            "_width": "20 cm|28 cm|30 cm",
        },
        icon="box",
    ),
)
