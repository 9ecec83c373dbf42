# ruff: noqa: E501 - a line of a title's or a text's grammar is one line
"""Garden machines, furniture, soil and seeds."""

from endcap.demo.shelf import ProductType

TYPES = (
    ProductType(
        "mower",
        "Garden > Machines > Lawn mowers",
        14,
        "_kind: robot 490-1990, cordless 149-590, petrol 190-790, push 49-190",
        "Mowbray Green: Swath @#, Swath @# Plus | Torvald: Turf # | Hexolo: Grazer @#",
        """
        {brand} {model} {kind} {width}
        {kind} {brand} {model} for {area}
        {width} {kind} {brand} {model}[, {area}]
        """,
        """
        (_kind=robot) Mows while you sleep, knows its own shed, climbs banks.
        (_kind=cordless) One battery does the lawn behind a terraced house.
        (_kind=petrol) For meadows and for people who like to start something.
        (_kind=push) No motor: quiet enough for Sundays.
        Height set at one lever, 25 to 75 mm.
        """,
        {
            "_kind": "(brand=Hexolo) robot=robotic lawn mower~robot lawnmower|(brand=Mowbray Green) robot=robotic lawn mower|(brand!=Hexolo) cordless=cordless lawn mower|(brand!=Hexolo) petrol=petrol lawn mower|(brand!=Hexolo) push=cylinder mower~hand mower",
            "width": "18 cm|34 cm|42 cm|46 cm",
            "_area": "300 m²|600 m²|1000 m²",
        },
        icon="mower",
    ),
    ProductType(
        "mower-blade",
        "Garden > Spare parts",
        10,
        "_part: blades 9-35, wire 29-79, bag 25-69, wheel 15-49",
        "Mowbray Green | Cellmend | Torvald",
        """
        {part} for {for} lawn mower
        {brand} replacement {part}, fits {for}
        {for} {part}[, {number}]
        """,
        """
        A sharp edge makes a green lawn; a blunt one makes a brown. Mower not included.
        Screws included. Wear gloves.
        """,
        {
            "_part": "blades=blades|wire=boundary wire|bag=grass bag|wheel=drive wheel",
            "_number": "pack of 9|1 piece|100 m",
        },
        fits="mower",
        icon="saw",
    ),
    ProductType(
        "hedge-trimmer",
        "Garden > Machines > Trimmers and blowers",
        14,
        "_kind: hedge 59-390, grass 39-249, blower 49-290",
        "Mowbray Green: Trim @# | Torvald: Hedge # | Brakk: BG@##",
        """
        {brand} {model} {power} {kind}
        {power} {kind} {brand} {model}, {size}
        """,
        """
        (_kind=hedge) Cuts twigs as thick as a thumb.
        (_kind=grass) For edges that the mower leaves.
        (_kind=blower) Blows leaves, or swallows and chops them.
        (power=cordless) Battery and charger in the box.
        """,
        {
            "_kind": "hedge=hedge trimmer|grass=grass trimmer~strimmer|blower=leaf blower",
            "power": "cordless|electric=electric~corded|petrol",
            "_size": "45 cm|60 cm|30 cm",
        },
        icon="drill",
    ),
    ProductType(
        "hose",
        "Garden > Watering",
        18,
        "_kind: hose 9-59, reel 29-149, can 5-49, sprinkler 7-39, timer 19-79",
        "Rainwell | Fernhollow | Mowbray Green",
        """
        {brand} {kind} {length}
        {length} {kind} by {brand}[, {diameter}]
        {kind} {brand} with {extra}
        """,
        """
        (_kind=hose) Does not kink, does not taste of rubber.
        (_kind=reel) Pulls the hose in by itself.
        (_kind=can) Long spout, brass rose.
        (_kind=sprinkler) Waters up to 200 square metres in a square.
        (_kind=timer) Opens the tap while you are in Crete.
        """,
        {
            "_kind": "hose=garden hose~hosepipe|reel=hose reel|can=watering can|sprinkler=lawn sprinkler|timer=watering timer",
            "length": "(_kind=hose or reel) 15 m|(_kind=hose or reel) 20 m|(_kind=hose) 30 m|(_kind=can) 5 l|(_kind=can) 10 l|(_kind=sprinkler or timer) large|(_kind=sprinkler or timer) compact",
            "diameter": '(_kind=hose or reel) 1/2"~13 mm|(_kind=hose or reel) 3/4"~19 mm|(_kind!=hose) universal',
            "_extra": "brass fittings|nozzle|wall bracket",
        },
        icon="hose",
    ),
    ProductType(
        "garden-tool",
        "Garden > Hand tools",
        20,
        "_kind: secateurs 12-69, spade 19-79, rake 12-49, trowel 5-25, gloves 5-29, fork 19-79",
        "Fernhollow | Ironmoor | Rigby & Shaw",
        """
        {brand} {kind}[, {handle} handle]
        {kind} for {use} by {brand}
        {handle} {kind} {brand}
        """,
        """
        (_kind=secateurs) Cuts clean, so that the rose heals.
        (_kind=spade) Edge ground, tread folded for the boot.
        (_kind=rake) Leaves stay on it, stones fall through.
        (_kind=fork) Four tines that lift potatoes without spearing them.
        (_kind=trowel) Marks for depth, in centimetres and inches.
        (_kind=gloves) Thorn-proof to the elbow.
        """,
        {
            "_kind": "secateurs=secateurs~pruning shears|spade|rake=leaf rake|trowel=hand trowel|gloves=gardening gloves|fork=digging fork",
            "_handle": "ash|steel|beech",
            "_use": "roses|small gardens|heavy soil|children",
        },
        icon="spade",
    ),
    ProductType(
        "bbq",
        "Garden > Barbecue > Grills",
        14,
        "29-890",
        "Emberlea: Blaze #, Blaze # Side | Brakk: Feuer | Trailhorn: Camp",
        """
        {brand} {model} {fuel} {noun}[, {size}]
        {fuel} {noun} {brand} {model} with {extra}
        """,
        """
        (fuel=gas) Hot in ten minutes; the bottle is not included.
        (fuel=charcoal) Smoke, patience, taste.
        (fuel=electric) Allowed on most balconies.
        The lid has a thermometer. Grate of cast iron, 54 x 40 cm.
        """,
        {
            "fuel": "gas|charcoal|electric",
            "_noun": "barbecue~grill~BBQ",
            "_size": "two burners|kettle 47 cm|table-top",
            "_extra": "lid|side table|wheels",
        },
        icon="bbq",
    ),
    ProductType(
        "bbq-tool",
        "Garden > Barbecue > Accessories",
        16,
        "_kind: cover 15-69, brush 6-22, tongs 7-29, charcoal 6-19, thermometer 15-69",
        "Emberlea | Brakk | Mellow Lane",
        """
        {brand} {kind} for {fuel} barbecues
        {kind} {brand}, {size}
        BBQ {kind} to fit {for}
        """,
        """
        (_kind=cover) Keeps rain and cats off. Barbecue not included.
        (_kind=brush) Brass wire, for a cold grate.
        (_kind=tongs) Long enough to keep the hairs on your arm.
        (_kind=charcoal) Beech, big lumps, no tropical wood.
        (_kind=thermometer) Two probes; says when the lamb is pink.
        """,
        {
            "_kind": "cover=grill cover|brush=grill brush|tongs=grill tongs|charcoal=lump charcoal|thermometer=meat thermometer",
            "_fuel": "gas|charcoal",
            "_size": "large|compact|3 kg",
        },
        fits="bbq",
        icon="bbq",
        stuffing="gas grill charcoal grill barbecue BBQ electric grill garden grill.",
    ),
    ProductType(
        "garden-furniture",
        "Garden > Furniture",
        22,
        "_kind: lounger 49-349, parasol 29-249, table 49-390, bench 79-390, hammock 19-99, set 129-990",
        "Svalbo: Ute | Fernhollow | Hollin & Ash",
        """
        {brand} {model} {kind}, {material}
        {material} {kind} {brand} {size}
        {kind} for {place} in {material} by {brand}
        """,
        """
        (_kind=lounger) Five positions, from reading to sleeping.
        (_kind=parasol) Tilts after the sun. Base not included.
        (_kind=table) Folds flat against the wall in winter.
        (_kind=bench) For two who like each other.
        (_kind=hammock) Holds 150 kilos. Trees not included.
        (material=teak) Goes silver in a year if you let it.
        Weatherproof, also the screws.
        """,
        {
            "_kind": "lounger=sun lounger|parasol=parasol~sunshade|table=garden table~patio table|bench=garden bench|hammock|set=patio set~garden furniture set",
            "material": "(_kind=lounger or table or bench or set) teak|(_kind=lounger or table or bench or set) aluminium|(_kind=lounger or table or bench or set) steel|(_kind=parasol or hammock) polyester|(_kind=hammock) cotton|(_kind=set) poly rattan",
            "_place": "balcony|terrace|lawn",
            "_size": "(_kind!=set) small|(_kind=bench or set) for two|(_kind=table or set) for six|(_kind=lounger or parasol or hammock) large",
        },
        icon="parasol",
    ),
    ProductType(
        "plant-pot",
        "Garden > Pots and planters",
        18,
        "4-129",
        "Fernhollow | Dunmere | Rainwell",
        """
        {brand} {material} {noun} {diameter}[, {colour}]
        {colour} {noun} in {material}, {diameter}
        {noun} {brand} with {extra}
        """,
        """
        (material=terracotta) Breathes; take it in before the frost.
        (material=zinc) Light, frost-proof, dents nicely.
        (_extra=reservoir) Waters itself for a fortnight.
        The plant in the picture is not included.
        """,
        {
            "material": "terracotta|zinc|stoneware|recycled plastic",
            "_noun": "plant pot~flowerpot|planter|window box=window box~balcony planter",
            "diameter": "14 cm|28 cm|40 cm",
            "colour": "natural|anthracite|white|ochre",
            "_extra": "reservoir=water reservoir|saucer|wheels",
        },
        icon="pot2",
    ),
    ProductType(
        "soil",
        "Garden > Soil and fertiliser",
        16,
        "_kind: soil 4-22, feed 5-19, bark 6-29, lawn 9-45",
        "Fernhollow | Toftwood | Greenrill",
        """
        {brand} {kind} {peat} {volume}
        {volume} {peat} {kind} for {plants}, {brand}
        {kind} for {plants} by {brand}
        """,
        """
        !(peat=no) Peat-free: bark, coconut and compost.
        (_kind=soil) Enough feed for six weeks.
        (_kind=feed) A capful to the can, every other week.
        (_kind=bark) Keeps the damp in and the weeds down.
        Not for eating, says the law.
        """,
        {
            "_kind": "soil=potting soil~compost|feed=liquid plant food~fertiliser|bark=bark mulch|lawn=lawn feed",
            "peat": "(_kind=soil) no|(_kind=soil) yes|(_kind!=soil) none",
            "_peat": "(peat=no) no=peat-free|(peat=yes) yes=|(peat=none) none=",
            "volume": "(_kind=feed) 1 l~1000 ml|(_kind!=feed) 10 l|(_kind!=feed) 20 l|(_kind!=feed) 40 l",
            "_plants": "tomatoes|roses|herbs|orchids|blueberries",
        },
        icon="bag2",
    ),
    ProductType(
        "seeds",
        "Garden > Seeds and bulbs",
        20,
        "1-12",
        "Toftwood | Fernhollow",
        """
        {brand} {plant} seeds{organic word}
        {plant} – {note}, {brand}{organic word}
        {note} {plant}, seed packet, {brand}
        """,
        """
        Sow from <March|April|May> under glass, plant out after the last frost.
        <Germinates in nine days|Grows as high as your shoulder|Good for balconies>.
        (organic=yes) Seed from organic growing, can be saved.
        """,
        {
            "_plant": "tomato|basil|sunflower|strawberry|apple mint|courgette|lettuce|wildflower meadow|sweet pea|lavender",
            "organic": "yes|no",
            "_organic word": "(organic=yes) yes= (organic)|(organic=no) no=",
            "_note": "early variety|old variety|for bees|compact|climbing",
        },
        icon="seed",
    ),
    ProductType(
        "pest",
        "Garden > Plant protection",
        10,
        "_kind: trap 7-29, slug 5-19, net 5-35, spray 7-19",
        "Greenrill | Toftwood | Rainwell",
        """
        {brand} {kind}[, {size}]
        {kind} against {enemy}, {brand}
        """,
        """
        !(_kind=trap) Without poison: a mouse goes in and is driven to the next wood.
        Kind to bees and to hedgehogs. <Works for six weeks|Use in the evening>.
        """,
        {
            "_kind": "trap=live mouse trap~humane mouse trap|slug=slug pellets|net=bird net|spray=aphid spray",
            "_enemy": "(_kind=trap) mice|(_kind=slug) slugs|(_kind=net) birds|(_kind=spray) greenfly",
            "_size": "small|large|2 pieces|500 ml",
        },
        icon="box",
    ),
)
