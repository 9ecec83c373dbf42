# ruff: noqa: E501 - a line of a title's or a text's grammar is one line
"""Babies, toys and games."""

from endcap.demo.shelf import ProductType

TYPES = (
    ProductType(
        "nappies",
        "Baby & Toys > Nappies and wipes",
        22,
        "_noun: nappy 9-49, pants 9-49, swim 6-19, wipes 2-22",
        "Snugglebee | Otterling | Softly Baby",
        """
        {brand} {noun} {size}, {pack}
        {pack} {noun} {size} [{scent}] by {brand}
        {scent} {noun} {brand} {size}
        """,
        """
        !(scent=none) Without perfume and lotion.
        (_noun=swim) Do not swell in the water.
        (_noun=wipes) Water, cotton and nothing else to speak of.
        A strip turns blue when it is time. For {size word}.
        """,
        {
            "_noun": "nappy=nappies~diapers~nappies|pants=nappy pants~pull-up diapers|swim=swim nappies|wipes=baby wipes~wet wipes",
            "size": "(_noun!=wipes) size 2|(_noun!=wipes) size 4|(_noun!=wipes) size 5|(_noun=wipes) sensitive",
            "_size word": "(size=size 2) 4 to 8 kg|(size=size 4) 9 to 14 kg|(size=size 5) 12 to 17 kg|(size=sensitive) bottoms and faces",
            "scent": "none|none|camomile",
            "_scent": "(scent=none) none=fragrance-free~unscented|(scent=camomile) camomile",
            "pack": "pack of 36|pack of 80|pack of 144",
        },
        dear="pack",
        icon="box",
    ),
    ProductType(
        "pram",
        "Baby & Toys > Pushchairs",
        14,
        "79-990",
        "Otterling: Amble #, Amble # Twin | Snugglebee: Roam",
        """
        {brand} {model} {noun}, {colour}
        {noun} {brand} {model} with {extra}
        """,
        """
        (_noun=buggy) Folds with one hand, and the other holds the child.
        (_noun=pram) From birth: the carrycot is in the box.
        (_noun=jogger) Three big wheels for forest paths.
        Wheels of real rubber. Basket carries a week's shopping.
        """,
        {
            "_noun": "buggy=buggy~stroller~pushchair|pram=pram~combination pushchair|jogger=jogging stroller~running pushchair",
            "colour": "grey|navy|olive|rust",
            "_extra": "rain cover|footmuff|carrycot",
        },
        icon="pram",
    ),
    ProductType(
        "pram-part",
        "Baby & Toys > Pushchairs > Accessories",
        14,
        "_kind: cover 9-35, footmuff 29-119, cup 7-19, net 7-22, bag 29-99",
        "Tuckaway | Otterling | Snugglebee",
        """
        {brand} {kind} for {for} pushchair
        {kind} {colour}, fits most prams and buggies, {brand}
        {colour} {kind} for {for}
        """,
        """
        Pushchair not included. <Held by Velcro|Clips on without a tool>.
        (_kind=footmuff) Lined with lambswool; down to ten below.
        """,
        {
            "_kind": "cover=rain cover|footmuff=footmuff|cup=cup holder|net=mosquito net|bag=changing bag",
            "colour": "grey|navy|black|clear",
        },
        fits="pram",
        icon="pram",
        stuffing="pram pushchair buggy stroller jogger baby {for brand} pushchair.",
    ),
    ProductType(
        "car-seat",
        "Baby & Toys > Car seats",
        12,
        "59-390",
        "Otterling: Belt # | Snugglebee: Sit @#",
        """
        {brand} {model} child car seat {size}
        {size} car seat {brand} {model}, {colour}[, ISOFIX]
        """,
        """
        Faces backwards up to fifteen months, then forwards.
        Cover washes at 30. <Side panels that swallow a knock|Turns to the door>.
        """,
        {"size": "40-87 cm|61-105 cm|100-150 cm", "colour": "black|grey|berry"},
        icon="seat",
    ),
    ProductType(
        "bottle",
        "Baby & Toys > Feeding",
        24,
        "_kind: bottle 5-19, dummy 4-12, bib 5-15, chair 59-249, monitor 29-190, plate 9-35",
        "Snugglebee | Otterling | Pipkin",
        """
        {brand} {kind}[, {note}]
        {kind} {note} by {brand}
        {note} {kind}, {colour}, {brand}
        """,
        """
        !(bpa=no) Made without BPA.
        (_kind=bottle) A valve against wind.
        (_kind=dummy) Shaped for a jaw that is still growing.
        (_kind=bib) Catches what misses the mouth.
        (_kind=chair) Grows along until school. Wipes clean.
        (_kind=monitor) Hears breathing, not the traffic.
        """,
        {
            "_kind": "bottle=baby bottle~feeding bottle|dummy=dummy~pacifier|bib=silicone bib|chair=high chair|monitor=baby monitor|plate=children's plate set",
            "bpa": "(_kind=bottle or dummy or bib or plate) no|(_kind=chair or monitor) none",
            "_note": "(_kind=bottle) 150 ml|(_kind=bottle) 260 ml|(_kind=bottle) glass|(_kind=dummy) 0-6 months|(_kind=dummy) 2 pieces|(_kind=bib) with pocket|(_kind=chair) beech|(_kind=chair) foldable|(_kind=monitor) with camera|(_kind=monitor) 300 m range|(_kind=plate) bamboo|(_kind=plate) with suction base",
            "colour": "mint|sand|rose|blue",
        },
        icon="bottle",
    ),
    ProductType(
        "soft-toy",
        "Baby & Toys > Soft toys",
        20,
        "6-59",
        "Tumblewick | Pipkin | Snugglebee",
        """
        {brand} {animal} {kind} {size}
        {kind} {animal} named {name}, {brand}
        {name} the {animal}, {kind}[, {size}]
        """,
        """
        Sat on by testers of three years. Eyes are sewn, not glued.
        (_kind=music) Pull the tail: it plays a lullaby and slows down at the end.
        Washes at 30 degrees, dries overnight, which is the hard part.
        """,
        {
            "_animal": "bear|rabbit|mouse|otter|elephant|fox|owl",
            "_kind": "soft=soft toy~cuddly toy~plush|music=musical soft toy|soft=plush toy",
            "_name": "Button|Hazel|Gustav|Pim|Clementine|Old Tom|Biscuit",
            "_size": "18 cm|30 cm|55 cm",
        },
        icon="bear",
    ),
    ProductType(
        "building",
        "Baby & Toys > Building toys",
        16,
        "9-129",
        "Tumblewick | Pipkin: Works | Klotzby",
        """
        {brand} {kind}: {theme}, {pieces}
        {theme} {kind} by {brand}[, {pieces}]
        """,
        """
        For <four|six|eight> years and up. Adults are found sitting beside it at midnight.
        (_kind=wood) Beech, oil, no paint to chew off.
        (_kind=bricks) Fits the other bricks that you step on.
        (_kind=train) Loops, a bridge and a level crossing.
        """,
        {
            "_kind": "bricks=building bricks|wood=wooden blocks|train=wooden railway|marble=marble run",
            "_theme": "lighthouse|fire station|harbour crane|castle|space port|farm",
            "_pieces": "48 pieces|120 pieces|640 pieces",
        },
        icon="blocks",
    ),
    ProductType(
        "game",
        "Baby & Toys > Games and puzzles",
        28,
        "5-69",
        "Owl & Otter Games | Tumblewick | Pipkin",
        """
        {name} – {kind} by {brand}, {players}
        {brand} {kind} "{name}"
        {kind} {name}[ for {players}], {brand}
        """,
        """
        (_kind=board) Explained in five minutes, argued about for hours.
        (_kind=card) Fits a coat pocket.
        (_kind=puzzle) Cut so well that pieces go in with a click. The sky is the hard part.
        (_kind=coop) All play against the game, so nobody goes to bed cross.
        From <six|eight|ten|twelve> years.
        """,
        {
            "_name": "Lantern Bay|The Crooked Mill|Crow & Cheese|Seven Bridges|Midnight Ferry|Moles|Orchard Thieves|Harbour Master|Kingdom of Moss|Ghost Train",
            "_kind": "board=board game|card=card game|puzzle=jigsaw puzzle~puzzle|coop=cooperative board game",
            "_players": "two players|2 to 4 players|3 to 6 players",
        },
        icon="dice",
    ),
    ProductType(
        "craft",
        "Baby & Toys > Painting and crafts",
        16,
        "_kind: wax 3-15, paint 5-25, dough 4-22, pencil 3-39, tattoo 2-9",
        "Pipkin | Paperlark | Tumblewick",
        """
        {brand} {kind}, {number}
        {kind} for children by {brand}[, {number}]
        {number} {kind} {brand}
        """,
        """
        (_kind=wax) Thick, for fists. Wipes off wallpaper, mostly.
        (_kind=paint) Mixes with water, washes out of trousers.
        (_kind=dough) Smells of almonds, does not taste of them.
        (_kind=tattoo) Gone after the second bath.
        (_kind=pencil) Break-proof cores; sharpener included.
        """,
        {
            "_kind": "wax=wax crayons|paint=finger paints|dough=modelling dough|pencil=colouring pencils~coloured pencils|tattoo=temporary tattoos",
            "_number": "6 colours|12 colours|24 colours",
        },
        icon="pencil",
    ),
    ProductType(
        "ride-on",
        "Baby & Toys > Outdoor toys",
        16,
        "_kind: balance 39-149, scooter 35-129, swing 15-59, sand 7-29, trampoline 89-390",
        "Puddlejump: Dash # | Tumblewick | Pipkin",
        """
        {brand} {model} {kind}[, {colour}]
        {colour} {kind} for children {age}, {brand}
        """,
        """
        (_kind=balance) First balance, then pedals: that is the quick way to cycling.
        (_kind=scooter) Brakes at the heel, folds for the bus.
        (_kind=swing) Ropes of two metres, seat of beech.
        (_kind=sand) Sieve, bucket, boat and shovel.
        (_kind=trampoline) Net and ladder included; no shoes.
        """,
        {
            "_kind": "balance=balance bike|scooter=kick scooter|swing|sand=sandpit toys~sand toys|trampoline",
            "_age": "from 2 years|from 3 years|from 6 years",
            "colour": "red|blue|mint|yellow",
        },
        icon="bike",
    ),
)
