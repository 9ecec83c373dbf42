# ruff: noqa: E501 - a line of a title's or a text's grammar is one line
"""Kitchen machines, pots and pans."""

from endcap.demo.shelf import ProductType

TYPES = (
    ProductType(
        "kettle",
        "Kitchen > Kettles",
        22,
        "15-129",
        "Grumbold: Boil @# | Wexcombe: Morning | Castorra: Vapo #",
        """
        {brand} {model} {material} kettle {volume}[, {colour}]
        {volume} electric kettle {brand} {model}
        {brand} {model} kettle with {feature}, {material}
        """,
        """
        (feature=temperature control) Stops at 70, 80 or 95 degrees, as green and black tea want it.
        (feature=gooseneck) A thin spout for pour-over coffee.
        (feature=keep-warm function) Holds the water hot for half an hour.
        (material=glass) Lights up blue while it works.
        Boils a cup in <fifty seconds|under a minute>. The lime filter comes out for cleaning.
        """,
        {
            "material": "steel=steel~stainless steel|glass|plastic=plastic~BPA-free plastic",
            "volume": "0.8 l~800 ml|1.2 l|1.7 l",
            "feature": "temperature control|keep-warm function|gooseneck=gooseneck spout|auto switch-off",
            "colour": "black|cream|red|brushed",
        },
        icon="kettle",
    ),
    ProductType(
        "toaster",
        "Kitchen > Toasters",
        13,
        "19-139",
        "Grumbold: Crust @# | Wexcombe: Morning | Pellimo: Toasti",
        """
        {brand} {model} {slots} toaster, {colour}
        {colour} toaster {brand} {model}[ with {extra}]
        {slots} toaster with {extra}, {brand}
        """,
        """
        <Takes thick country bread|Slots wide enough for a bagel>. Crumbs collect in a drawer.
        (_extra=rack) The rack warms rolls without toasting them.
        (_extra=defrost) Knows what to do with frozen slices.
        """,
        {
            "slots": "two-slice|four-slice|long-slot",
            "colour": "cream|black|steel|mint",
            "_extra": "rack=bun rack|defrost=defrost key",
        },
        dear="slots",
        icon="toaster",
    ),
    ProductType(
        "blender",
        "Kitchen > Blenders and mixers",
        18,
        "_kind: stand 29-290, hand 19-119, bottle 25-89, mixer 89-490",
        "Castorra: Whirl @# | Pellimo: Smoothi | Grumbold: Mix @##",
        """
        {brand} {model} {kind}, {power}
        {power} {kind} {brand} {model}[, {colour}]
        {kind} {brand} {model} with {jug}
        """,
        """
        (_kind=stand) Crushes ice without complaint.
        (_kind=hand) Purées the soup in the pot it was cooked in.
        (_kind=bottle) Blend, put the lid on, go. The cup fits a bicycle's bottle cage.
        (_kind=mixer) Kneads a kilo of bread dough; whisk and dough hook in the box.
        {power} under the hood. All loose parts go into the dishwasher.
        """,
        {
            "power": "400 W|700 W|1000 W|1400 W",
            "_kind": "stand=blender~stand blender|hand=hand blender~stick blender~immersion blender|bottle=smoothie maker|mixer=stand mixer~food mixer",
            "_jug": "glass jug|steel cup|1.5 l jug",
            "colour": "black|white|red",
        },
        dear="power",
        icon="blender",
    ),
    ProductType(
        "blender-part",
        "Kitchen > Spare parts",
        9,
        "8-49",
        "Cellmend | Castorra | Grumbold",
        """
        {part} for {for} blender
        {brand} replacement {part}, fits {for}
        {for} spare {part}
        """,
        """
        Original dimensions; seals included. Motor base not included.
        Wear gloves when you change it. Not for the {other}.
        """,
        {"_part": "glass jug|blade unit|lid|dough hook"},
        fits="blender",
        icon="blender",
    ),
    ProductType(
        "air-fryer",
        "Kitchen > Deep fryers",
        12,
        "49-290",
        "Castorra: Crispa # | Grumbold: Airfry @##",
        """
        {brand} {model} air fryer {volume}
        {volume} hot-air fryer {brand} {model}[, {baskets}]
        {brand} {model} {baskets} air fryer
        """,
        """
        Chips without the deep fat, wings without the smell.
        (baskets=two baskets) Fish left, potatoes right, ready at the same time.
        The basket has a non-stick coating and goes into the dishwasher.
        """,
        {"volume": "3.5 l|5.5 l|7.6 l|9 l", "baskets": "one basket|two baskets=dual-basket~two-basket"},
        dear="volume",
        icon="fryer",
    ),
    ProductType(
        "fryer-liner",
        "Kitchen > Accessories",
        7,
        "5-25",
        "Mellow Lane | Sudsy Heron | Castorra",
        """
        {brand} {material} liners for air fryers, {pack}
        {pack} air fryer {material} baskets, {size}
        """,
        """
        (material=paper) Throw away with the crumbs. Unbleached.
        (material=silicone) Washes clean and lasts for years.
        For the basket of most air fryers; measure yours first. Fryer not included.
        """,
        {"material": "paper|silicone", "pack": "pack of 50|pack of 2|pack of 100", "size": "16 cm|20 cm|23 cm"},
        icon="mat",
        stuffing="air fryer hot air fryer oven basket dual non-stick accessories fryer.",
    ),
    ProductType(
        "pan",
        "Kitchen > Cookware > Pans",
        30,
        "15-159",
        "Ironmoor | Wexcombe: Hearth | Castorra: Pro | Emberlea",
        """
        {brand} {material} frying pan {diameter}[ {coat}]
        {diameter} {kind} {brand} {model}, {material}
        {brand} {model} {kind} {diameter}, {coat}
        {material} {kind} {diameter} by {brand}
        """,
        """
        !(coating=non-stick) Non-stick: an egg slides off without a drop of oil.
        !(coating=none) Uncoated; it gets better with every steak.
        (material=cast iron) Heavy, and it will see your grandchildren. No soap, please.
        (material=steel) Goes from hob to oven and back.
        (induction=yes) For every hob, induction too.
        (induction=no) Not for induction hobs.
        (_kind=wok) High sides for tossing vegetables.
        Handle riveted, cool for a long time.
        """,
        {
            "material": "cast iron|aluminium|steel=stainless steel~steel",
            "coating": "(material=aluminium) non-stick|(material=steel) non-stick|none|none",
            "_coat": "(coating=non-stick) non-stick=non-stick~non-stick coating|(coating=none) none=uncoated~without coating",
            "diameter": "20 cm|24 cm|28 cm|30 cm",
            "induction": "yes|no|yes",
            "_kind": "frying=frying pan~skillet|frying=frying pan|wok=wok pan~wok|grill=grill pan~griddle pan",
        },
        dear="diameter",
        icon="pan",
    ),
    ProductType(
        "pot",
        "Kitchen > Cookware > Pots",
        16,
        "19-290",
        "Ironmoor | Wexcombe: Hearth | Emberlea",
        """
        {brand} {model} {material} {noun} {volume}
        {volume} {noun} with lid, {material}, {brand}
        {colour} {noun} {volume} {brand} {model}
        """,
        """
        (material=cast iron) For stews that take all Sunday.
        (material=steel) Marks for the litres inside, so the measuring jug stays in the cupboard.
        Lid with a hole for the steam. On gas, electricity and induction.
        """,
        {
            "material": "cast iron=cast iron~enamelled cast iron|steel=stainless steel",
            "volume": "1.5 l|3 l|5 l|7 l",
            "_noun": "(material=cast iron) dutch=casserole~Dutch oven|(material=steel) stock=saucepan~cooking pot|(material=steel) stock=stock pot",
            "colour": "red|blue|cream|grey",
        },
        dear="volume",
        icon="pot",
    ),
    ProductType(
        "lid",
        "Kitchen > Cookware > Lids",
        8,
        "6-39",
        "Wexcombe | Emberlea | Ironmoor",
        """
        {brand} {material} lid for pans {diameter}
        {material} lid {diameter} to fit frying pan and wok
        Splash guard for frying pans, {diameter}, {brand}
        """,
        """
        The knob stays cool. Pan not included.
        For all pans of {diameter}, also those that we did not sell you.
        """,
        {"material": "glass|silicone|steel", "diameter": "20 cm|24 cm|28 cm|30 cm"},
        icon="pot",
    ),
)
