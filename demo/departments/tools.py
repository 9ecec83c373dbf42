# ruff: noqa: E501 - a line of a title's or a text's grammar is one line
"""Tools, paint and what a workshop is made of."""

from endcap.demo.shelf import ProductType

TYPES = (
    ProductType(
        "drill",
        "Tools & DIY > Power tools > Drills",
        22,
        "_kind: screw 49-290, hammer 79-390, corded 39-190",
        "Brakk: BD@##, BD@## Kit | Torvald: Bore # | Voltane: Pro @#",
        """
        {brand} {model} {kind} {voltage}[, {set}]
        {voltage} {kind} {brand} {model}
        {kind} {brand} {model} {set}
        """,
        """
        (_kind=screw) Two gears: slow for screws, fast for holes.
        (_kind=hammer) Goes into concrete as if it were old cheese.
        (_kind=corded) No battery to charge: four metres of cable.
        !(_set=bare) Without battery and charger, for those who own the system.
        (_set=case) With two batteries and a case.
        Lights the hole it drills.
        """,
        {
            "_kind": "screw=cordless drill~cordless drill driver~cordless screwdriver|hammer=cordless hammer drill|corded=impact drill",
            "voltage": "(_kind!=corded) 12 V|(_kind!=corded) 18 V|(_kind=corded) 230 V",
            "_set": "(_kind!=corded) bare=bare tool, no battery~without battery|(_kind!=corded) case=with 2 batteries|(_kind=corded) box=in a case",
        },
        icon="drill",
    ),
    ProductType(
        "tool-battery",
        "Tools & DIY > Power tools > Batteries and chargers",
        12,
        "19-149",
        "Brakk | Torvald | Cellmend",
        """
        {brand} {voltage} battery {capacity} for {for brand} cordless tools
        Replacement battery for {for} drill, {capacity}
        {kind} {voltage} for {for brand} tools[, {capacity}]
        """,
        """
        Fits the {for} and its relatives. Drill not included.
        With a gauge of four lamps; charged in <an hour|forty minutes>.
        """,
        {
            "_kind": "battery pack|charger=battery and charger set",
            "capacity": "2.0 Ah|4.0 Ah|5.0 Ah",
            "voltage": "12 V|18 V",
        },
        dear="capacity",
        fits="drill[_kind!=corded]",
        icon="battery",
    ),
    ProductType(
        "drill-bits",
        "Tools & DIY > Accessories > Drill bits",
        16,
        "4-79",
        "Brakk | Stahlhart | Ironmoor",
        """
        {brand} {material} drill bit set, {pieces}
        {pieces} {material} bits {use}, {brand}
        {brand} {kind} {size} {use}
        """,
        """
        (_kind=masonry) Carbide tip for brick and concrete.
        (_kind=wood) A centre point that does not wander.
        (_kind=metal) For steel up to a finger's width; oil it.
        In a tin that shuts. Drill not included.
        """,
        {
            "_kind": "masonry=masonry drill bit|wood=wood drill bit|metal=metal drill bit",
            "_use": "(_kind=masonry) for concrete and stone|(_kind=wood) for wood|(_kind=metal) for metal",
            "_material": "(_kind=masonry) carbide|(_kind!=masonry) HSS|(_kind=metal) cobalt",
            "_pieces": "5-piece|10-piece|19-piece",
            "size": "6 mm|8 mm|10 mm",
        },
        icon="screw",
        stuffing="cordless drill hammer drill screwdriver drill driver power tool {brand} drill.",
    ),
    ProductType(
        "saw",
        "Tools & DIY > Power tools > Saws",
        16,
        "_kind: jig 39-249, circular 69-290, chain 99-490, mitre 99-490, hand 9-39",
        "Torvald: Cut @# | Brakk: BS@## | Stahlhart",
        """
        {brand} {model} {kind}, {power}
        {kind} {brand} {model}[ with {extra}]
        {power} {kind} {brand} {model}
        """,
        """
        (_kind=jig) Curves and cut-outs; four swings of the blade.
        (_kind=circular) Straight through 66 mm.
        (_kind=chain) For firewood. Wear trousers made for it.
        (_kind=mitre) Mitres left and right, with a laser for the line.
        (_kind=hand) No plug, no noise, a little sweat.
        """,
        {
            "_kind": "jig=jigsaw|circular=circular saw|chain=chainsaw|mitre=mitre saw|hand=hand saw~panel saw",
            "_power": "(_kind=hand) 500 mm|(_kind=chain) petrol|(_kind=chain) cordless|(_kind=jig or circular or mitre) 800 W|(_kind=jig or circular or mitre) 1200 W",
            "_extra": "(_kind!=hand) rail=guide rail|(_kind!=hand) bag=dust bag|(_kind=hand) cover=blade cover",
        },
        icon="saw",
    ),
    ProductType(
        "saw-blade",
        "Tools & DIY > Accessories > Saw blades",
        10,
        "5-59",
        "Stahlhart | Torvald | Brakk",
        """
        {brand} blade{use}, {number}
        {number} saw blades{use} to fit {for}
        {for} spare blade{use}
        """,
        """
        Clean edges on both sides of the board. Saw not included.
        Hardened teeth; sharpened twice at the factory.
        """,
        {"_use": "wood= for wood|metal= for metal|laminate= for laminate", "_number": "pack of 3|pack of 5|10 pieces"},
        fits="saw[_kind=jig or circular or mitre]",
        icon="saw",
    ),
    ProductType(
        "sander",
        "Tools & DIY > Power tools > Sanders",
        9,
        "29-190",
        "Torvald: Smooth # | Brakk: BX@##",
        """
        {brand} {model} {kind} sander {power}
        {kind} sander {brand} {model} with dust box
        """,
        """
        (_kind=delta) Gets into the corners of window frames.
        (_kind=orbital) Leaves no rings on table tops.
        Ten sheets of paper to begin with.
        """,
        {"_kind": "delta=delta~detail|orbital=random orbital|belt", "power": "200 W|350 W|600 W"},
        icon="drill",
    ),
    ProductType(
        "hand-tool",
        "Tools & DIY > Hand tools",
        26,
        "_kind: hammer 7-45, screwdriver 9-59, spanner 9-89, pliers 8-49, level 9-59, tape 3-25",
        "Ironmoor | Stahlhart | Rigby & Shaw | Torvald",
        """
        {brand} {kind}[, {size}]
        {kind} with {handle} handle, {brand}
        {brand} {kind} {size}, {handle} handle
        """,
        """
        (_kind=hammer) Head of forged steel, wedged for good.
        (_kind=screwdriver) Tips that hold the screw.
        (_kind=spanner) Chrome vanadium; the jaws do not round the nut.
        (_kind=pliers) Cuts wire as thick as a pencil lead.
        (_kind=level) Three vials, true to half a millimetre a metre.
        Hangs on a nail by its hole.
        """,
        {
            "_kind": "hammer=claw hammer|screwdriver=screwdriver set|spanner=spanner set~wrench set|spanner=adjustable spanner~adjustable wrench|pliers=combination pliers|level=spirit level|tape=tape measure",
            "_handle": "ash|rubber|two-component",
            "size": "(_kind=hammer) 300 g|(_kind=hammer) 500 g|(_kind=screwdriver or spanner) 6 pieces|(_kind=screwdriver or spanner) 12 pieces|(_kind=pliers) 180 mm|(_kind=level) 60 cm|(_kind=level) 120 cm|(_kind=tape) 5 m|(_kind=tape) 8 m",
        },
        icon="hammer",
    ),
    ProductType(
        "toolbox",
        "Tools & DIY > Storage",
        10,
        "_state: empty 12-79, full 49-249",
        "Brakk | Hangwell | Ironmoor",
        """
        {brand} {material} tool box {size}, {state}
        {state} tool case by {brand}[, {size}]
        """,
        """
        (_state=empty) Comes empty: your tools are better than ours.
        (_state=full) Everything for a first flat, down to the fuse.
        Trays lift out. A padlock fits.
        """,
        {
            "_material": "steel|plastic|aluminium",
            "size": '16"~41 cm|19"~48 cm|24"~61 cm',
            "_state": "empty=empty|full=108 pieces|full=filled",
        },
        icon="case2",
    ),
    ProductType(
        "screws",
        "Tools & DIY > Fixings",
        20,
        "_kind: wood 3-22, plug 2-19, nail 2-9, hook 2-9, machine 3-25",
        "Stahlhart | Hangwell | Brakk",
        """
        {brand} {kind} {size}, {pack}
        {pack} {kind} {size}, {finish}
        {finish} {kind} {brand}[ {size}]
        """,
        """
        (_kind=wood) Cuts its own way, no pilot hole.
        (_kind=plug) Spreads in brick, knots behind plasterboard.
        (_kind=nail) Heads that sink below the wood.
        (_kind=machine) With nuts and washers.
        (_kind=hook) Holds a coat or a picture.
        (finish=stainless steel) For outside: does not rust.
        """,
        {
            "_kind": "wood=wood screws~chipboard screws|plug=wall plugs~dowels|nail=nails|hook=screw hooks|machine=machine bolts",
            "size": "4 x 40 mm|5 x 60 mm|6 mm|8 mm",
            "pack": "100 pieces|200 pieces|50 pieces",
            "finish": "(_kind=plug) nylon|(_kind!=plug) zinc-plated|(_kind!=plug) stainless steel",
        },
        icon="screw",
    ),
    ProductType(
        "paint",
        "Tools & DIY > Paint",
        24,
        "6-99",
        "Hollin & Ash Colours | Colourmoor | Klarwell",
        """
        {brand} {kind} {colour} {volume}
        {colour} {kind}, {volume}, {smell}, {brand}
        {brand} {smell} {kind}[, {colour}]
        """,
        """
        !(solvent=no) Without solvents, so you can sleep in the room the same night.
        (_kind=wall) Covers in one coat if you are honest, in two if you are not.
        (_kind=wood) Lets wood breathe; dries to a silk sheen.
        (_kind=metal) Straight on to rust.
        (_kind=chalk) For old chests: matt as a school board.
        Reaches for <six|ten|twelve> square metres a litre.
        """,
        {
            "_kind": "wall=wall paint~emulsion|wood=wood varnish~wood stain|metal=metal paint|chalk=chalk paint",
            "colour": "white|pebble grey|sage|clay red|night blue",
            "volume": "750 ml~0.75 l|2.5 l|5 l|10 l",
            "solvent": "yes|no",
            "_smell": "(solvent=no) no=solvent-free~without solvents|(solvent=yes) yes=fast-drying",
        },
        dear="volume",
        icon="tin2",
    ),
    ProductType(
        "paint-tool",
        "Tools & DIY > Paint > Brushes and rollers",
        12,
        "_kind: brush 2-15, roller 5-25, tape 3-12, sheet 2-9",
        "Colourmoor | Ironmoor",
        """
        {brand} {kind} {size} for {use}
        {kind} for {use}, {brand}
        """,
        """
        Does not shed. Wash it at once and it lasts for years. Paint not included.
        (_kind=tape) Comes off in one piece after a week.
        """,
        {
            "_kind": "brush=paint brush|roller=paint roller set|tape=masking tape~painter's tape|sheet=dust sheet",
            "_use": "wall paint|wood varnish|metal paint",
            "size": "25 mm|50 mm|180 mm|50 m",
        },
        icon="brush",
        stuffing="wall paint white paint emulsion colour paint varnish 5 l 10 l.",
    ),
    ProductType(
        "torch",
        "Tools & DIY > Torches and work lights",
        18,
        "7-99",
        "Voltane: Beam @# | Trailhorn: Glow | Lumora",
        """
        {brand} {model} LED {noun}, {lumen}
        {lumen} {noun} {brand} {model}[, {power}]
        {noun} {brand} {model} with {power}
        """,
        """
        (_noun=torch) Throws light to the end of the garden.
        (_noun=head) Both hands stay free; tilts down to the path.
        (_noun=work) A magnet in the foot holds it under the bonnet.
        (power=rechargeable battery) Charges by USB-C.
        (power=AAA cells) Runs on three AAA, not included.
        """,
        {
            "_noun": "torch=torch~flashlight~torch|head=head torch~headlamp|work=work light~inspection lamp",
            "_lumen": "200 lumens|400 lumens|1000 lumens",
            "power": "rechargeable battery|AAA cells",
        },
        icon="torch",
    ),
    ProductType(
        "glue",
        "Tools & DIY > Glue and sealing",
        12,
        "_kind: wood 4-15, super 2-9, sealant 5-15, duct 4-19",
        "Colourmoor | Stahlhart | Klarwell",
        """
        {brand} {kind} {size}
        {kind} {colour}, {size}, {brand}
        """,
        """
        (_kind=wood) Stronger than the wood beside it.
        (_kind=super) Ten seconds, for plastic, porcelain and fingers.
        (_kind=sealant) For bath and kitchen; keeps mould away.
        (_kind=duct) Mends tents, hoses and cars for a while.
        """,
        {
            "_kind": "wood=wood glue|super=super glue|sealant=silicone sealant|duct=duct tape~gaffer tape",
            "size": "20 g|250 g|310 ml|50 m",
            "colour": "clear|white|black|silver",
        },
        icon="tube",
    ),
    ProductType(
        "safety",
        "Tools & DIY > Work wear",
        14,
        "_kind: gloves 4-19, goggles 5-29, ear 9-39, mask 3-19",
        "Torvald | Strideon | Ironmoor",
        """
        {brand} {kind} {size}
        {kind} for {use}, {brand}[, {size}]
        """,
        """
        (_kind=gloves) Thin enough to pick up a screw.
        (_kind=goggles) Fit over spectacles; do not mist up.
        (_kind=ear) Cuts 32 decibels; voices still come through.
        (_kind=mask) Against dust from sanding, not against vapours.
        """,
        {
            "_kind": "gloves=work gloves|goggles=safety goggles~safety glasses|ear=ear defenders~ear protectors|mask=dust masks",
            "_use": "sawing|building sites|the garden|painting",
            "size": "size 8|size 9|size 10|one size",
        },
        icon="glove",
    ),
)
