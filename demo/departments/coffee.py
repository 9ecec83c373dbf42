# ruff: noqa: E501 - a line of a title's or a text's grammar is one line
"""Coffee, tea, and the machines and cups for them."""

from endcap.demo.shelf import ProductType

ROASTERS = "Brasa Nova | Cobalt Row | Fjellby | Old Harbour Roasters | Tamarind House"

TYPES = (
    ProductType(
        "coffee",
        "Coffee & Tea > Coffee",
        52,
        "4-29",
        ROASTERS,
        """
        {brand} {origin} {caf} coffee, {form}, {weight}
        {brand} {name} – {caf} {roast} roast {form}, {weight}
        {origin} {form} {weight} by {brand} [({roast} roast)] {caf}
        {name}: {caf} {form} from {brand}, {weight}
        """,
        """
        !(caffeine=no) Without caffeine: washed out with <spring water|carbonic acid>, the taste stays.
        (origin=Ethiopia) Jasmine and bergamot, almost a tea.
        (origin=Brazil) Nuts and milk chocolate, hardly any acid.
        (origin=Colombia) Red apple and caramel; a cup for every day.
        (origin=Sumatra) Earth, cedar, a long finish.
        (roast=dark) Dark enough for a moka pot and for much milk.
        (roast=light) Roasted light for the filter.
        !(_aside=yes) Full of caffeine; its decaf sister is sold in the blue bag.
        (organic=yes) From organic farms, bought straight from the growers.
        (form=ground) Ground for the filter machine.
        (form=whole beans) Roasted on Tuesdays, sent on Wednesdays.
        """,
        {
            "origin": "Ethiopia|Brazil|Colombia|Sumatra|Peru",
            "caffeine": "yes|yes|yes|no",
            "_caf": "(caffeine=no) decaf=decaf~decaffeinated|(caffeine=yes) full=",
            "form": "whole beans=whole beans~coffee beans|ground=ground coffee|instant=instant coffee",
            "roast": "(form!=instant) light|medium|(form!=instant) dark",
            "weight": "250 g|500 g|1 kg~1000 g",
            "organic": "no|yes",
            "_name": "Night Ferry|Harbour Blend|Slow Sunday|Red Bicycle|Crema Forte|Long Letter|Quiet Hour|First Light",
            "_aside": "no|no|(caffeine=yes) no|(caffeine=yes) yes",
        },
        dear="weight",
        icon="coffee",
    ),
    ProductType(
        "capsules",
        "Coffee & Tea > Coffee > Capsules",
        20,
        "4-29",
        "Brasa Nova | Cobalt Row | Podella",
        """
        {brand} {name} {caf} coffee capsules, {pack}
        {pack} {caf} pods {brand} for {system} machines
        Capsules {brand} {name} for {system} coffee machines, {caf}, {pack}
        """,
        """
        !(caffeine=no) For the evening: no caffeine worth mentioning.
        (system=Podella) For Podella machines alone.
        (system=Castorra) Compatible with Castorra machines; the two names have nothing to do with each other.
        Aluminium, so they go into the yellow bin. <Strength eight of ten|Mild, strength four|Short and strong>.
        """,
        {
            "system": "Podella|Castorra",
            "caffeine": "yes|yes|no",
            "_caf": "(caffeine=no) decaf=decaf~decaffeinated|(caffeine=yes) full=",
            "pack": "pack of 10|pack of 30|pack of 100",
            "_name": "Ristretto|Lungo|Crema|Velluto|Notte",
        },
        dear="pack",
        icon="coffee",
    ),
    ProductType(
        "tea",
        "Coffee & Tea > Tea",
        44,
        "3-25",
        "Leaf & Ledger | Highmoor | Tamarind House | Crooked Orchard",
        """
        {brand} {sort}, {form} {weight}
        {sort} by {brand}[, {organic word}], {weight}
        {name} – {sort} {form}, {brand}
        {organic word} {sort} {form} {weight} {brand}
        """,
        """
        !(caffeine=no) Naturally free of caffeine, good before bed.
        (_sort=green) Steamed, not roasted: grass and a little seaweed. Water at 70 degrees.
        (_sort=earl) Black tea with oil of real bergamot.
        (_sort=breakfast) Strong enough to stand up to milk.
        (_sort=mint) Moroccan mint, cut small.
        (_sort=camomile) Whole flowers, for the stomach and for the nerves.
        (_sort=rooibos) Red bush from the Cape, mild and slightly sweet.
        (_sort=fruit) Hibiscus, apple and rosehip; children drink it cold.
        (form=bags) Bags without staples or plastic.
        (form=loose leaf) Whole leaves. Gives a second pot.
        """,
        {
            "_sort": "green=green tea~sencha|earl=Earl Grey black tea|breakfast=breakfast tea~black tea|mint=peppermint tea|camomile=camomile tea~chamomile tea|rooibos=rooibos tea|fruit=fruit tea",
            "caffeine": "(_sort=green or earl or breakfast) yes|(_sort=mint or camomile or rooibos or fruit) no",
            "form": "bags=tea bags|loose leaf=loose leaf",
            "weight": "100 g|250 g|50 g",
            "organic": "yes|no",
            "_organic word": "(organic=yes) yes=organic|(organic=no) no=",
            "_name": "Fog on the Hill|Second Chapter|Aunt Maud|The Gardener|Paper Lantern|Blue Hour",
        },
        icon="tea",
    ),
    ProductType(
        "espresso-machine",
        "Coffee & Tea > Machines > Espresso machines",
        18,
        "_kind: auto 249-1490, portafilter 99-990, capsule 59-229",
        "Castorra: Barista @#, Barista @# Duo | Podella: Uno #, Latte # | Grumbold: Crema @##",
        """
        {brand} {model} {kind}[, {colour}]
        {kind} {brand} {model} with {extra}
        {colour} {kind} {brand} {model}, {pressure}
        """,
        """
        (_kind=auto) Beans in at the top, a cappuccino out below: it grinds, brews and rinses.
        (_kind=portafilter) For those who like to do it themselves. Warm in four minutes.
        (_kind=capsule) Takes capsules of its own system only. Ready in twenty-five seconds.
        (_extra=frother) Froths cold and hot milk, oat as well.
        The tank holds <1.2|1.8|0.9> litres and comes off for filling. Coffee not included.
        """,
        {
            "_kind": "(brand!=Podella) auto=bean-to-cup coffee machine~fully automatic coffee machine|(brand!=Podella) portafilter=espresso machine~portafilter espresso machine|(brand!=Grumbold) capsule=capsule machine~pod coffee machine",
            "_extra": "frother=milk frother|grinder=grinder|timer=timer",
            "pressure": "15 bar|19 bar",
            "colour": "black|steel|red|cream",
        },
        icon="espresso",
    ),
    ProductType(
        "filter-machine",
        "Coffee & Tea > Machines > Filter coffee machines",
        13,
        "29-229",
        "Grumbold: Drip @# | Wexcombe: Morning | Pellimo: Jarra",
        """
        {brand} {model} filter coffee machine with {jug}
        {brand} {model} coffee maker, {cups}[, {colour}]
        Drip coffee machine {brand} {model} [{cups}]
        """,
        """
        (_jug=thermal) The insulated jug keeps the coffee hot for hours, without a hotplate that stews it.
        (_jug=glass) Hotplate switches off after forty minutes.
        Set the timer in the evening and wake to the smell.
        """,
        {
            "_jug": "thermal=thermal jug~vacuum jug|glass=glass jug",
            "_cups": "for 8 cups|for 10 cups|for 12 cups",
            "colour": "black|white|steel",
        },
        icon="coffeemaker",
    ),
    ProductType(
        "coffee-filter",
        "Coffee & Tea > Accessories > Filters",
        12,
        "2-29",
        "Wexcombe | Mellow Lane | Brasa Nova",
        """
        {brand} coffee filter papers {size}, {pack}
        {pack} {material} filters for drip coffee machines, {size}
        {material} coffee filter {size}, {brand}
        """,
        """
        (material=paper) Unbleached; double seam.
        (material=steel) Saves a tree and lets the oils through. Also for pour-over.
        Fits filter coffee machines and hand drippers of {size}. Coffee not included.
        """,
        {"material": "paper|steel", "size": "size 2|size 4", "pack": "pack of 80|pack of 100|single"},
        icon="filter",
        stuffing="coffee machine coffee maker espresso coffee beans filter coffee machine coffee.",
    ),
    ProductType(
        "grinder",
        "Coffee & Tea > Accessories > Grinders",
        11,
        "_kind: manual 19-149, electric 39-390",
        "Castorra: Mola # | Kazuno: Mill | Cobalt Row",
        """
        {brand} {model} {kind} coffee grinder
        {kind} grinder for coffee beans {brand} {model}[, {steps}]
        """,
        """
        (_kind=manual) Two minutes of turning, then a coffee that you have earned.
        (_kind=electric) From coarse for the French press to fine for espresso, in {steps}.
        Burrs of <steel|ceramic>. Takes no spices, please. Beans not included.
        """,
        {"_kind": "manual=manual~hand|electric", "_steps": "12 steps|30 steps|stepless"},
        icon="grinder",
    ),
    ProductType(
        "coffee-brewer",
        "Coffee & Tea > Accessories > Brewers",
        18,
        "_kind: press 12-69, moka 15-59, dripper 9-45, teapot 15-89",
        "Wexcombe | Fjellby | Cobalt Row | Emberlea",
        """
        {brand} {kind} {volume}[, {colour}]
        {volume} {kind} by {brand}
        {colour} {kind}, {brand}
        """,
        """
        (_kind=press) Coarse coffee, four minutes, push. The double wall keeps it hot at table.
        (_kind=moka) On the hob in five minutes; gurgles when it is done.
        (_kind=dripper) Ribs inside let the water run. With ten papers to start.
        (_kind=teapot) With a sieve that does not drip. Holds its heat under a cosy.
        """,
        {
            "_kind": "press=French press~cafetière|moka=moka pot~stovetop espresso maker|dripper=pour-over dripper~coffee dripper|teapot=teapot",
            "volume": "350 ml|0.6 l~600 ml|1 l",
            "colour": "black|white|copper|terracotta",
        },
        icon="teapot",
    ),
    ProductType(
        "cup",
        "Coffee & Tea > Cups and mugs",
        22,
        "5-49",
        "Wexcombe | Dunmere | Thornbury House | Pellimo",
        """
        {brand} {material} {noun}[, {colour}], {volume}
        {colour} {noun} {brand}, {number}
        {number} {noun} in {material} by {brand}, {volume}
        """,
        """
        (material=double-walled glass) The coffee floats, the fingers stay cool.
        (material=stoneware) Thick-walled and heavy, for cold mornings.
        (material=enamel) For the camp fire, chips and all.
        <Saucers are sold separately|Rim thin, handle for three fingers|Goes into the dishwasher>.
        """,
        {
            "material": "porcelain|stoneware|double-walled glass|enamel",
            "_noun": "mugs~coffee mugs|cup=espresso cups~coffee cups|tea=tea cups",
            "volume": "80 ml|250 ml|350 ml",
            "_number": "set of 2|set of 4|set of 6",
            "colour": "white|indigo|moss|ochre",
        },
        icon="cup",
    ),
    ProductType(
        "descaler",
        "Coffee & Tea > Care",
        9,
        "4-25",
        "Klarwell | Castorra | Sudsy Heron",
        """
        {brand} descaler for coffee machines, {volume}
        {form} for descaling espresso machines and kettles, {brand}
        {brand} {form}, {volume}
        """,
        """
        Every two months, says the machine, and it is right.
        (_form=tablets) One tablet in the tank, run it through, rinse. Not for the dishwasher.
        Without scent or colour. For {use}.
        """,
        {
            "_form": "tablets=descaling tablets|liquid=liquid descaler",
            "volume": "250 ml|0.5 l~500 ml|12 pieces",
            "_use": "bean-to-cup machines|kettles, irons and coffee machines",
        },
        icon="cleaner",
    ),
    ProductType(
        "milk-frother",
        "Coffee & Tea > Accessories > Frothers",
        8,
        "9-99",
        "Castorra: Spuma | Pellimo | Podella",
        """
        {brand} {model} milk frother, {kind}
        {kind} frother for milk, {brand}[, {colour}]
        """,
        """
        (_kind=electric) Warm foam, cold foam or hot chocolate at one key.
        (_kind=induction) The jug stands on its plate and comes off for rinsing.
        (_kind=wand) Two AA cells and a whisk; rinse at once.
        """,
        {"_kind": "electric|wand=hand-held|induction", "colour": "black|white|steel"},
        icon="cup",
    ),
)
