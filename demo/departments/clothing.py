# ruff: noqa: E501 - a line of a title's or a text's grammar is one line
"""Clothes, shoes and what one wears with them."""

from endcap.demo.shelf import ProductType

SIZES = "XS|S|M|L|XL"

TYPES = (
    ProductType(
        "trainers",
        "Clothing & Shoes > Shoes > Trainers",
        36,
        "35-190",
        "Strideon: Loop #, Loop # GTX | Velocet: Tempo @# | Kinabo: Court # | Ostra: Plain",
        """
        {brand} {model} {who} {noun}, {colour}, EU {size}
        {colour} {noun} {brand} {model} for {who plain}, size {size}
        {brand} {model} {use} shoes {who}, {colour}
        {who} {use} {noun} {brand} {model}[ EU {size}]
        """,
        """
        (use=running) Rolls off softly; made for tar and forty kilometres a week.
        (use=trail) Lugs that hold on wet roots.
        (use=everyday) White enough to be noticed, washable enough to stay so.
        (use=tennis) Outsole that marks no hall floor.
        (waterproof=yes) A membrane keeps puddles out.
        (vegan=yes) Made without leather or animal glue.
        Comes up <true to size|half a size small>.
        """,
        {
            "who": "men=men's|women=women's|kids=kids'~children's",
            "_who plain": "(who=men) men|(who=women) women|(who=kids) children",
            "_noun": "trainers~sneakers~running shoes|trainers=trainers~sneakers",
            "use": "running|trail=trail running|everyday|tennis",
            "colour": "white|black|sand|cobalt blue|neon coral",
            "size": "(who=men) 42|(who=men) 43|(who=men) 44|(who=men) 45|(who=women) 37|(who=women) 38|(who=women) 39|(who=women) 40|(who=kids) 30|(who=kids) 33",
            "waterproof": "no|no|yes",
            "vegan": "no|yes",
        },
        varies="colour size who _noun",
        icon="shoe",
    ),
    ProductType(
        "boots",
        "Clothing & Shoes > Shoes > Boots",
        24,
        "_kind: hiking 79-249, chelsea 69-229, wellies 29-119, winter 59-199",
        "Ostra | Trailhorn: Scree # | Wolden | Puddlejump",
        """
        {brand} {model} {who} {kind}, {colour}
        {colour} {kind} {brand} for {who plain}, EU {size}
        {material} {kind} {who} by {brand}[, size {size}]
        """,
        """
        (_kind=hiking) Ankle held, toes with room for the way down.
        (_kind=chelsea) Elastic at the side: in and out without a horn.
        (_kind=wellies) Natural rubber; socks of felt go in winter.
        (_kind=winter) Lined, warm to twenty below.
        (material=leather) Can be resoled.
        """,
        {
            "who": "men=men's|women=women's|kids=kids'",
            "_who plain": "(who=men) men|(who=women) women|(who=kids) children",
            "_kind": "hiking=hiking boots~walking boots|chelsea=Chelsea boots|wellies=wellingtons~rubber boots|winter=winter boots~snow boots",
            "material": "(_kind=wellies) rubber|(_kind!=wellies) leather|(_kind=hiking or winter) synthetic",
            "colour": "black|brown|olive|mustard",
            "size": "(who=men) 43|(who=men) 44|(who=women) 38|(who=women) 39|(who=kids) 28|(who=kids) 31",
        },
        icon="boot",
    ),
    ProductType(
        "slippers",
        "Clothing & Shoes > Shoes > Sandals and slippers",
        14,
        "_kind: slippers 15-79, sandals 29-119, flip 9-35",
        "Ostra | Wolden | Bramley Knit",
        """
        {brand} {kind}, {material}, {colour}
        {colour} {material} {kind} {brand}, EU {size}
        """,
        """
        (_kind=slippers) For cold tiles and late breakfasts.
        (_kind=sandals) The footbed learns your foot in a week.
        (_kind=flip) For the way to the pool.
        """,
        {
            "_kind": "slippers=slippers~house shoes|sandals|flip=flip-flops",
            "material": "(_kind=slippers) felt|(_kind=sandals) leather|(_kind=flip) rubber|(_kind=slippers) lambswool|(_kind=sandals) cork",
            "colour": "grey|brown|black|sea green",
            "size": "37|39|41|43",
        },
        icon="shoe",
    ),
    ProductType(
        "shoe-care",
        "Clothing & Shoes > Shoes > Care",
        14,
        "_kind: cream 4-15, spray 7-19, laces 3-9, insole 5-29",
        "Klarwell | Ostra | Strideon",
        """
        {brand} {kind} for {shoe}
        {kind} {colour}, {size}, for {shoe}
        {brand} {kind}[, {colour}]
        """,
        """
        (_kind=cream) Beeswax; let it dry, then brush.
        (_kind=spray) Sprayed on suede, it keeps rain out for a month.
        (_kind=laces) Round, waxed, do not come undone. Shoes not included.
        (_kind=insole) Cut along the line that is your size.
        """,
        {
            "_kind": "cream=shoe cream~shoe polish|spray=waterproofing spray|laces=shoelaces|insole=insoles",
            "_shoe": "trainers and sneakers|leather boots|running shoes|hiking boots",
            "colour": "black|brown|neutral|white",
            "_size": "75 ml|250 ml|90 cm|120 cm",
        },
        icon="tube",
        stuffing="trainers sneakers running shoes boots men's shoes women's shoes leather shoes.",
    ),
    ProductType(
        "tshirt",
        "Clothing & Shoes > Tops > T-shirts and shirts",
        34,
        "_kind: tee 9-49, sport 19-69, shirt 29-99, polo 19-79, long 15-69",
        "Larkspur | Marlowe & Pike | Kinabo: Dry | Ostra",
        """
        {brand} {who} {kind} in {material}, {colour}
        {colour} {kind} {brand}, {who}, {size}
        {material} {kind} for {who plain} by {brand}[, size {size}]
        {who} {colour} {kind}, {brand} {size}
        """,
        """
        (material=organic cotton) Cotton without pesticides, heavy enough not to show through.
        (material=merino) Merino: after three days still fit for company.
        (material=linen) Creases, and is meant to.
        (_kind=sport) Dries before you are home.
        (_kind=shirt) Collar that stands without a tie. No ironing, within reason.
        """,
        {
            "who": "men=men's|women=women's|kids=kids'",
            "_who plain": "(who=men) men|(who=women) women|(who=kids) children",
            "_kind": "tee=T-shirt~tee|sport=running shirt~sports top|shirt|polo=polo shirt|long=long-sleeved top",
            "material": "(_kind=tee or polo or long) organic cotton|(_kind=tee or long or sport) merino|(_kind=shirt) linen|(_kind=shirt) cotton|(_kind=sport) polyester",
            "colour": "white|black|striped|rust|sky blue|sage",
            "size": SIZES,
        },
        icon="shirt",
    ),
    ProductType(
        "jumper",
        "Clothing & Shoes > Tops > Knitwear and hoodies",
        28,
        "_kind: jumper 29-190, cardigan 35-199, hoodie 25-99, roll 35-190",
        "Bramley Knit | Larkspur | Marlowe & Pike | Wolden",
        """
        {brand} {who} {kind}, {material}, {colour}
        {colour} {material} {kind} by {brand}[, {size}]
        {kind} for {who plain} in {material}, {brand} {size}
        """,
        """
        (material=lambswool) Warm, a little hairy, honest.
        (material=cashmere) Two-ply; wash by hand and lay it flat.
        (material=cotton fleece) Brushed inside, hood with room for hair.
        (material=merino) Does not scratch; goes into the wool programme.
        <Elbows are doubled|Knitted in one piece|Buttons of horn where there are any>.
        """,
        {
            "who": "men=men's|women=women's|kids=kids'",
            "_who plain": "(who=men) men|(who=women) women|(who=kids) children",
            "_kind": "jumper=jumper~sweater~pullover|cardigan|hoodie=hoodie~hooded sweatshirt|roll=roll-neck jumper~turtleneck sweater",
            "material": "(_kind=hoodie) cotton fleece|(_kind!=hoodie) lambswool|(_kind!=hoodie) cashmere|(_kind!=hoodie) merino",
            "colour": "navy|oatmeal|bottle green|burgundy|grey",
            "size": SIZES,
        },
        icon="jumper",
    ),
    ProductType(
        "trousers",
        "Clothing & Shoes > Bottoms",
        30,
        "_kind: jeans 35-149, chinos 29-119, hiking 39-149, shorts 15-69, leggings 12-59",
        "Marlowe & Pike | Larkspur | Trailhorn: Scree | Ostra",
        """
        {brand} {who} {kind}, {colour}, {fit}
        {colour} {fit} {kind} {brand} for {who plain}
        {who} {kind} {brand}, size {size}[, {colour}]
        """,
        """
        (_kind=jeans) Fourteen-ounce denim that softens by the month.
        (_kind=chinos) Cotton twill, creases optional.
        (_kind=hiking) Stretch at the knee; the legs zip off.
        (_kind=shorts) Pockets deep enough for a phone.
        (_kind=leggings) Opaque when you bend, which we have checked.
        """,
        {
            "who": "men=men's|women=women's|kids=kids'",
            "_who plain": "(who=men) men|(who=women) women|(who=kids) children",
            "_kind": "jeans=jeans~denims|chinos=chinos~trousers|hiking=hiking trousers~trekking pants|shorts|(who!=men) leggings",
            "_fit": "slim fit|straight leg|wide leg|regular fit",
            "colour": "indigo|black|khaki|stone",
            "size": "(who=kids) 128|(who=kids) 140|(who!=kids) 30|(who!=kids) 32|(who!=kids) 34|(who!=kids) 36",
        },
        icon="trousers",
    ),
    ProductType(
        "jacket",
        "Clothing & Shoes > Jackets",
        28,
        "_kind: rain 49-290, down 79-390, vegandown 49-249, coat 119-490, wind 29-129",
        "Trailhorn: Scree #, Scree # Down | Wolden | Larkspur | Summitry",
        """
        {brand} {model} {who} {kind}, {colour}
        {colour} {kind} {brand} for {who plain}[, {size}]
        {who} {kind} with {extra}, {brand} {size}
        """,
        """
        !(_kind=vegandown) Filled without feathers.
        (_kind=rain) Seams are taped; zips under the arms let the steam out.
        (_kind=down) Stuffs into its own pocket.
        (_kind=coat) Wool from Italian mills, lining of viscose.
        (_kind=wind) Weighs as much as an apple.
        """,
        {
            "who": "men=men's|women=women's|kids=kids'",
            "_who plain": "(who=men) men|(who=women) women|(who=kids) children",
            "_kind": "rain=rain jacket~waterproof jacket|down=down jacket~puffer jacket|vegandown=padded jacket without down~synthetic puffer jacket|coat=wool coat|wind=windbreaker~running jacket",
            "_extra": "(_kind!=coat) hood|(_kind=coat) hidden pocket",
            "colour": "navy|black|forest green|mustard|rust",
            "size": SIZES,
        },
        icon="jacket",
    ),
    ProductType(
        "dress",
        "Clothing & Shoes > Dresses and skirts",
        16,
        "19-149",
        "Larkspur | Ostra | Saltmarsh & Rue",
        """
        {brand} {kind} in {material}, {colour}
        {colour} {length} {kind} by {brand}[, size {size}]
        """,
        """
        Has pockets. <Zip at the side|Elastic at the waist|Lined to the knee>.
        (material=linen) Cool on the days when nothing else is.
        (material=jersey) Packs small and comes out without creases.
        """,
        {
            "_kind": "dress=dress|dress=wrap dress|skirt|shirt=shirt dress",
            "material": "linen|jersey|viscose|cotton",
            "_length": "midi|maxi|knee-length",
            "colour": "black|floral|terracotta|navy",
            "size": "36|38|40|42",
        },
        icon="dress",
    ),
    ProductType(
        "socks",
        "Clothing & Shoes > Socks and underwear",
        26,
        "_kind: socks 5-29, hiking 9-35, boxer 12-49, thermal 19-79, tights 7-29",
        "Bramley Knit | Larkspur | Wolden | Strideon",
        """
        {brand} {who} {kind}, {material}, {pack}
        {pack} {material} {kind} by {brand}[, {colour}]
        {colour} {kind} for {who plain}, {brand}
        """,
        """
        (_kind=socks) Toes without a seam; heels that last.
        (_kind=hiking) Padded where the boot rubs.
        (_kind=boxer) The band does not roll.
        (_kind=thermal) Warm under anything.
        (_kind=tights) 60 denier, ladder-proof within reason.
        """,
        {
            "who": "men=men's|women=women's|kids=kids'",
            "_who plain": "(who=men) men|(who=women) women|(who=kids) children",
            "_kind": "socks|hiking=hiking socks|(who=men) boxer=boxer shorts|thermal=thermal underwear~long johns|(who!=men) tights",
            "material": "(_kind!=tights) merino|(_kind!=tights) organic cotton|(_kind=tights) polyamide|bamboo",
            "_pack": "pack of 3|pack of 5|pair",
            "colour": "black|grey|striped|navy",
        },
        icon="sock",
    ),
    ProductType(
        "accessory",
        "Clothing & Shoes > Accessories",
        34,
        "_kind: hat 9-49, scarf 15-129, gloves 15-79, belt 15-79, wallet 15-99, umbrella 12-69, bag 9-79",
        "Bramley Knit | Marlowe & Pike | Wolden | Larkspur",
        """
        {brand} {kind} in {material}, {colour}
        {colour} {material} {kind} by {brand}
        {kind} {brand}[, {colour}], {material}
        """,
        """
        (_kind=hat) Covers the ears, folds once.
        (_kind=scarf) Two metres, goes round twice.
        (_kind=gloves) The forefinger works a phone's screen.
        (_kind=belt) Buckle of brass, can be changed.
        (_kind=wallet) Six cards and some notes, no coins.
        (_kind=umbrella) Turned inside out by our fan forty times, and back.
        (_kind=bag) Holds a 13-inch laptop and the shopping.
        """,
        {
            "_kind": "hat=woolly hat~beanie|scarf|gloves|belt|wallet=wallet~purse|umbrella|bag=tote bag~shopper",
            "material": "(_kind=hat or scarf or gloves) lambswool|(_kind=hat or scarf) cashmere|(_kind=belt or wallet or gloves or bag) leather|(_kind=umbrella) polyester|(_kind=bag) canvas|(_kind=wallet) cork",
            "colour": "black|tan|navy|rust|grey",
        },
        icon="bag",
    ),
)
