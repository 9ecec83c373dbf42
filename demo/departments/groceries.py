# ruff: noqa: E501 - a line of a title's or a text's grammar is one line
"""Food, drink, and what cleans up after them."""

from endcap.demo.shelf import ProductType

TYPES = (
    ProductType(
        "chocolate",
        "Groceries > Sweets > Chocolate",
        28,
        "2-19",
        "Casa Pinello | Barnaby Crumb | Brasa Nova",
        """
        {brand} {kind} chocolate {sugar} {taste}, {weight}
        {kind} chocolate with {taste}, {weight} – {brand}
        {brand} {sugar} {kind} chocolate bar, {taste}
        {taste} in {kind} chocolate, {sugar}, {brand} {weight}
        """,
        """
        !(sugar=no) Sugar-free: sweetened with <erythritol|dates>.
        !(vegan=yes) Made without milk, suitable for vegans.
        (_kind=dark) Seventy per cent cocoa, snaps like a twig.
        (_kind=milk) Alpine milk and a trace of vanilla.
        (_kind=white) For those who say that it is chocolate too.
        (_taste=hazelnuts) Whole nuts, about one for every square.
        (_taste=sea salt) Salt from the marshes in the top layer.
        May contain traces of nuts.
        """,
        {
            "_kind": "dark|milk|white",
            "sugar": "yes|yes|yes|no",
            "_sugar": "(sugar=no) no=sugar-free~without added sugar|(sugar=yes) yes=",
            "_taste": "hazelnuts|sea salt|orange peel|almonds|raspberry",
            "weight": "85 g|100 g|200 g",
            "vegan": "(_kind=dark) yes|(_kind=dark) no|(_kind!=dark) no",
        },
        icon="chocolate",
    ),
    ProductType(
        "biscuits",
        "Groceries > Sweets > Biscuits",
        22,
        "2-15",
        "Barnaby Crumb | Meadow & Mill | Crooked Orchard",
        """
        {brand} {free} {kind}, {weight}
        {kind} {free} by {brand}
        {weight} {brand} {kind}[, {free}]
        """,
        """
        !(gluten=no) Gluten-free: rice and buckwheat instead of wheat.
        (_kind=oat) Chewy in the middle, crisp round the edge.
        (_kind=butter) A fifth of it is butter.
        (_kind=ginger) Hot enough to be noticed.
        (_kind=crackers) With rosemary, for cheese.
        Baked in small tins. <Contains milk|Without palm oil|Keeps for months, in theory>.
        """,
        {
            "_kind": "oat=oat biscuits~oat cookies|butter=butter biscuits~shortbread|ginger=ginger biscuits~gingernuts|crackers",
            "gluten": "yes|yes|no",
            "_free": "(gluten=no) no=gluten-free~without gluten|(gluten=yes) yes=",
            "weight": "150 g|200 g|400 g",
        },
        icon="biscuit",
    ),
    ProductType(
        "muesli",
        "Groceries > Breakfast > Muesli",
        18,
        "3-15",
        "Meadow & Mill | Greenrill | Fjellby",
        """
        {brand} {kind} with {fruit}, {weight}
        {fruit} {kind} {sugar}, {brand}
        {brand} {sugar} {kind} {weight}, {fruit}
        """,
        """
        !(sugar=no) No added sugar; what is sweet is the fruit.
        !(gluten=no) Oats that have never met wheat: gluten-free.
        Toasted flakes, seeds and {fruit}. <Organic|Good with yoghurt|Keep dry>.
        """,
        {
            "_kind": "muesli|granola=granola~crunchy muesli|porridge=porridge oats",
            "_fruit": "apple|blackberry|raisin and nut|strawberry|cranberry",
            "sugar": "yes|no",
            "_sugar": "(sugar=no) no=without added sugar~sugar-free|(sugar=yes) yes=",
            "gluten": "yes|yes|no",
            "weight": "375 g|500 g|1 kg",
        },
        icon="bag2",
    ),
    ProductType(
        "milk",
        "Groceries > Drinks > Plant drinks and milk",
        14,
        "1-9",
        "Meadow & Mill | Greenrill | Highmoor",
        """
        {brand} {kind} {volume}[, {extra}]
        {kind} {extra}, {volume}, {brand}
        """,
        """
        !(lactose=no) Free of lactose.
        (_kind=oat) Foams for cappuccino.
        (_kind=dairy) From cows that see grass for half the year.
        (_extra=uns) Unsweetened.
        Shake before pouring.
        """,
        {
            "_kind": "oat=oat drink~oat milk|soy=soya drink~soy milk|almond=almond drink|dairy=whole milk|dairy=lactose-free milk",
            "lactose": "no|no|(_kind=dairy) no",
            "volume": "1 l~1000 ml|6 x 1 l|0.5 l",
            "_extra": "uns=unsweetened|bar=barista|van=vanilla",
        },
        icon="carton",
    ),
    ProductType(
        "pasta",
        "Groceries > Pantry > Pasta and rice",
        20,
        "1-12",
        "Casa Pinello | Meadow & Mill",
        """
        {brand} {shape}, {grain}, {weight}
        {grain} {shape} by {brand} [{weight}]
        {brand} {grain} pasta {shape}[ {weight}]
        """,
        """
        !(gluten=no) Gluten-free and still firm to the bite.
        Rough on the outside, so sauce clings. <Eight|Eleven|Nine> minutes.
        Pressed through bronze and dried slowly.
        """,
        {
            "_shape": "spaghetti|penne|fusilli|tagliatelle|lasagne sheets",
            "_grain": "wheat=durum wheat|whole=wholewheat|lentil=red lentil|maize=maize and rice",
            "gluten": "(_grain=wheat or whole) yes|(_grain=lentil or maize) no",
            "weight": "250 g|500 g|1 kg",
        },
        icon="bag2",
    ),
    ProductType(
        "oil",
        "Groceries > Pantry > Oil and vinegar",
        14,
        "_kind: olive 7-35, rapeseed 4-12, sunflower 3-9, balsamic 6-35, cider 3-9",
        "Casa Pinello | Crooked Orchard | Sunna",
        """
        {brand} {kind} {volume}
        {volume} {kind}, {origin}, {brand}
        {kind} from {origin} by {brand}
        """,
        """
        (_kind=olive) Pressed in the week of the harvest; peppery.
        (_kind=rapeseed) Stands heat well, tastes of little.
        (_kind=balsamic) Aged three years in chestnut.
        For salads. Not for the chain of a bicycle.
        """,
        {
            "_kind": "olive=extra virgin olive oil|rapeseed=rapeseed oil|sunflower=sunflower oil|balsamic=balsamic vinegar|cider=apple cider vinegar",
            "volume": "250 ml|500 ml~0.5 l|1 l",
            "_origin": "Puglia|Crete|Kent|Andalusia",
        },
        dear="volume",
        icon="bottle2",
    ),
    ProductType(
        "spread",
        "Groceries > Pantry > Spreads",
        22,
        "2-15",
        "Crooked Orchard | Barnaby Crumb | Highmoor",
        """
        {brand} {kind} {weight}[, {note}]
        {kind} {note} from {brand}, {weight}
        {note} {kind}, {brand}
        """,
        """
        (_kind=straw) Fruit outweighs sugar in this jar.
        (_kind=honey) From hives on the edge of the heath.
        (_kind=peanut) Nothing but roasted nuts and salt. Stir, the oil swims on top.
        (_kind=marm) Bitter peel, cut by hand.
        Good on toast, better off the spoon.
        """,
        {
            "_kind": "straw=strawberry jam|black=blackberry jam|marm=orange marmalade|honey=heather honey~blossom honey|peanut=peanut butter|apple=apple butter",
            "weight": "250 g|340 g|500 g",
            "_note": "organic|small-batch|smooth|low-sugar|chunky",
        },
        icon="jar",
    ),
    ProductType(
        "juice",
        "Groceries > Drinks > Juice and soft drinks",
        22,
        "_kind: apple 1-5, orange 1-5, lemon 1-9, cola 1-9, water 1-9, beer 1-15",
        "Crooked Orchard | Sunna | Highmoor",
        """
        {brand} {kind} {volume} {sugar}
        {kind}, {sugar}, {volume} – {brand}
        {pack} {brand} {kind} {volume}
        """,
        """
        !(sugar=no) Without sugar and without sweetener.
        !(alcohol=no) Brewed like the real thing, then the alcohol is taken out: under 0.5 %.
        (_kind=apple) Cloudy, from old trees.
        (_kind=cola) With caffeine from the guarana berry.
        <Deposit is extra|Pressed, never from concentrate|Best very cold>.
        """,
        {
            "_kind": "apple=apple juice|orange=orange juice|lemon=lemonade|cola=cola|water=sparkling water|beer=non-alcoholic beer~alcohol-free beer",
            "sugar": "(_kind=water) no|(_kind!=water) yes|(_kind=cola or lemon) no",
            "_sugar": "(sugar=no) no=sugar-free~zero sugar|(sugar=yes) yes=",
            "alcohol": "(_kind=beer) no|(_kind!=beer) none",
            "volume": "330 ml|0.75 l~750 ml|1 l",
            "_pack": "6 x|12 x|crate of",
        },
        icon="bottle2",
    ),
    ProductType(
        "wine",
        "Groceries > Drinks > Wine and beer",
        18,
        "4-39",
        "Casa Pinello | Monte Liro | Keller am Bach",
        """
        {brand} {grape} {year}, {colour} wine, 0.75 l
        {colour} wine {grape}, dry, {brand} {year}
        {grape} {brand}[ {year}], {extra}
        """,
        """
        !(alcohol=no) Alcohol gently removed; for drivers and Mondays.
        (colour=red) Cherries and a little leather. Open an hour before.
        (colour=white) Green apple, wet stone, a salty end.
        (colour=rosé) Tastes of the last week of the holidays.
        Goes with {food}. Contains sulphites.
        """,
        {
            "colour": "red|white|rosé",
            "_grape": "(colour=red) Merlot|(colour=red) Sangiovese|(colour=red) Pinot Noir|(colour=white) Riesling|(colour=white) Verdejo|(colour=rosé) Grenache",
            "_year": "2021|2022|2023",
            "alcohol": "yes|yes|yes|no",
            "_extra": "(alcohol=no) no=alcohol-free|(alcohol=yes) yes=estate bottled|(alcohol=yes) yes=from old vines",
            "_food": "fish|grilled lamb|a cheese plate|mushrooms",
        },
        icon="wine",
    ),
    ProductType(
        "dishwasher-tablets",
        "Groceries > Household > Dishwashing",
        16,
        "3-25",
        "Klarwell | Sudsy Heron | Glintmor",
        """
        {brand} dishwasher tablets {kind}, {pack}
        {pack} {kind} tablets for the dishwasher, {brand}
        {brand} {kind} tabs [{scent}], {pack}
        """,
        """
        !(scent=none) Fragrance-free and without dyes.
        !(phosphate=no) Phosphate-free; the film dissolves.
        (_kind=all) Salt, rinse aid and cleaner in one tablet.
        Takes the tea rim off cups. Keep away from children.
        """,
        {
            "_kind": "all=all-in-one|classic|eco",
            "scent": "lemon|none",
            "_scent": "(scent=none) none=fragrance-free~unscented|(scent=lemon) lemon",
            "phosphate": "(_kind=eco) no|(_kind!=eco) yes",
            "pack": "pack of 30|pack of 60|pack of 100",
        },
        dear="pack",
        icon="cleaner",
    ),
    ProductType(
        "washing-up",
        "Groceries > Household > Dishwashing",
        12,
        "1-12",
        "Klarwell | Sudsy Heron | Greenrill",
        """
        {brand} {kind} {scent}[, {volume}]
        {volume} {kind} by {brand}, {scent}
        """,
        """
        !(scent=none) Without perfume, for sensitive hands.
        Cuts grease in cold water. <Bottle of old bottles|Refill pouch in the shop>.
        """,
        {
            "_kind": "hand=washing-up liquid~dish soap|rinse=rinse aid for dishwashers|salt=dishwasher salt",
            "scent": "lemon|none|mint",
            "_scent": "(scent=none) none=fragrance-free~unscented|(scent=lemon) lemon|(scent=mint) mint",
            "volume": "500 ml~0.5 l|1 l|1.5 kg",
        },
        icon="cleaner",
    ),
    ProductType(
        "detergent",
        "Groceries > Household > Laundry",
        20,
        "3-29",
        "Klarwell | Sudsy Heron | Greenrill | Glintmor",
        """
        {brand} {kind} {scent}, {loads}
        {scent} {kind} for {cloth} by {brand}
        {brand} {kind} for {cloth}[, {loads}]
        """,
        """
        !(scent=none) No fragrance at all: for allergy sufferers and babies' clothes.
        (_cloth=wool) Keeps jumpers their size.
        (_cloth=black) Black stays black for some thirty washes more.
        (_cloth=colour) Works from 20 degrees.
        (_cloth=white) With bleach of oxygen.
        (scent=lavender) Smells of a linen cupboard in Provence.
        """,
        {
            "_kind": "liquid=liquid detergent~laundry liquid|powder=washing powder~laundry detergent|soft=fabric softener",
            "scent": "none|lavender|fresh linen|none",
            "_scent": "(scent=none) none=fragrance-free~unscented~without perfume|(scent=lavender) lavender|(scent=fresh linen) fresh linen",
            "_cloth": "wool=wool and silk|black=black clothes|colour=colours|white=whites",
            "_loads": "20 loads|40 loads|75 loads",
        },
        icon="cleaner",
    ),
    ProductType(
        "paper",
        "Groceries > Household > Paper",
        12,
        "2-25",
        "Softly | Glintmor | Greenrill",
        """
        {brand} {kind} {pack}, {material}
        {pack} {kind}, {material}, {brand}
        """,
        """
        (material=recycled) From yesterday's newspapers, bleached with oxygen alone.
        (material=bamboo) Grass, not tree. No plastic round it either.
        {ply}, soft, tears where it should.
        """,
        {
            "_kind": "toilet=toilet paper~toilet tissue|kitchen=kitchen roll~paper towels|tissue=facial tissues",
            "material": "recycled|bamboo|pulp",
            "pack": "8 rolls|16 rolls|32 rolls",
            "_ply": "two layers|three layers",
        },
        dear="pack",
        icon="roll",
    ),
    ProductType(
        "snack",
        "Groceries > Snacks",
        20,
        "_kind: chips 2-5, nuts 3-15, bar 2-19, dried 2-9",
        "Barnaby Crumb | Greenrill | Sunna",
        """
        {brand} {kind} {salt}, {weight}
        {kind} with {taste} by {brand}[, {weight}]
        {salt} {kind} {brand} {weight}
        """,
        """
        !(salt=no) Roasted without salt.
        (_kind=chips) Cut thick, fried in sunflower oil.
        (_kind=nuts) Dry-roasted, nothing else.
        (_kind=bar) Fits a jersey pocket and does not melt; for long rides.
        (_kind=dried) Soft, unsulphured, sweet by itself.
        """,
        {
            "_kind": "chips=potato crisps~potato chips|nuts=cashews|nuts=almonds|bar=energy bars|dried=dried apple rings~dried mango",
            "salt": "yes|yes|no",
            "_salt": "(salt=no) no=unsalted|(salt=yes) yes=",
            "_taste": "paprika|sea salt|rosemary|chilli",
            "weight": "40 g|150 g|200 g|500 g",
        },
        icon="bag2",
    ),
)
