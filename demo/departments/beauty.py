# ruff: noqa: E501 - a line of a title's or a text's grammar is one line
"""Care of skin, hair, teeth and health."""

from endcap.demo.shelf import ProductType

SCENT = "none|none|rose|lemon verbena|lavender"
SCENT_WORD = "(scent=none) none=fragrance-free~unscented~without perfume|(scent=rose) rose|(scent=lemon verbena) lemon verbena|(scent=lavender) lavender"

TYPES = (
    ProductType(
        "cream",
        "Beauty & Health > Skin care",
        34,
        "_kind: day 9-59, night 12-69, hand 3-15, body 5-25, sun 8-29, serum 15-79",
        "Botanelle: Calm | Dermavie: A#, A# Rich | Saltmarsh & Rue | Lunessa",
        """
        {brand} {model} {kind} {scent}, {volume}
        {scent} {kind} for {skin} skin, {brand}
        {brand} {kind} {volume} for {skin} skin[, {scent}]
        """,
        """
        !(scent=none) No fragrance, no dye.
        (skin=dry) Shea butter and oats for skin that feels a size too small.
        (skin=oily) Sinks in at once and leaves no shine.
        (skin=normal) For every day and for the whole family.
        (skin=sensitive) Seven ingredients, printed large.
        (_kind=hand) Without a film, so the phone stays clean.
        (_kind=sun) Factor 50, also in the water; does not sting the eyes.
        (_kind=serum) Four drops, pressed in, not rubbed.
        """,
        {
            "_kind": "day=face cream~moisturiser|night=night cream|hand=hand cream|body=body lotion~body milk|sun=sun cream~sunscreen|serum=face serum",
            "skin": "dry|oily|sensitive|normal",
            "scent": SCENT,
            "_scent": SCENT_WORD,
            "volume": "50 ml|75 ml|200 ml|400 ml~0.4 l",
        },
        icon="tube",
    ),
    ProductType(
        "soap",
        "Beauty & Health > Bath and shower",
        22,
        "_kind: bar 3-15, gel 3-15, bath 4-9, hand 3-15",
        "Saltmarsh & Rue | Botanelle | Velwyn",
        """
        {brand} {scent} {kind}[, {volume}]
        {kind} {scent} by {brand}, {volume}
        {kind} with {base}, {scent}, {brand}
        """,
        """
        !(scent=none) Free of perfume.
        (_kind=bar) Boiled slowly, dried for six weeks, wrapped in paper.
        (_kind=gel) Foams without sulphates.
        (_kind=bath) Fizzes; leaves the tub clean.
        Made from {base}.
        """,
        {
            "_kind": "bar=bar soap~hand soap|gel=shower gel~body wash|bath=bath bomb|hand=liquid hand soap",
            "_base": "olive oil|oat milk|sea salt|almond oil",
            "scent": SCENT,
            "_scent": SCENT_WORD,
            "volume": "(_kind=bar or bath) 100 g|(_kind=bar or bath) 150 g|(_kind=gel or hand) 250 ml|(_kind=gel or hand) 500 ml~0.5 l",
        },
        icon="soap",
    ),
    ProductType(
        "shampoo",
        "Beauty & Health > Hair care",
        26,
        "3-39",
        "Botanelle | Lunessa: Silk | Barberry & Son | Velwyn",
        """
        {brand} {kind} {free} for {hair} hair, {volume}
        {free} {kind} {brand}, {volume}
        {kind} for {hair} hair by {brand}[, {free}]
        """,
        """
        !(silicone=no) Without silicones, so hair stays light.
        !(sulphate=no) Free of sulphates; foams less, rinses quicker.
        (hair=coloured) Keeps the colour for some washes more.
        (hair=curly) For curls that hold together and do not frizz.
        (hair=dry) Coconut for ends like straw.
        (hair=fine) Gives body; does not weigh down.
        (hair=dandruff-prone) Stops the itch in a week.
        (_kind=dry) Spray, wait, brush: saves a morning.
        """,
        {
            "_kind": "shampoo|cond=conditioner|dry=dry shampoo|mask=hair mask",
            "hair": "dry|fine|dandruff-prone|coloured|curly",
            "silicone": "yes|no",
            "sulphate": "yes|no",
            "_free": "(silicone=no) silicone=silicone-free~without silicone|(sulphate=no) sulphate=sulphate-free~without sulphates|(silicone=yes) none=",
            "volume": "200 ml|250 ml|400 ml~0.4 l",
        },
        icon="bottle2",
    ),
    ProductType(
        "hair-dryer",
        "Beauty & Health > Hair care > Appliances",
        14,
        "_kind: dryer 19-249, iron 25-190, clipper 15-89, brush 25-129",
        "Lunessa: Aero @# | Pellimo: Bella | Barberry & Son: Clip #",
        """
        {brand} {model} {kind}, {power}
        {kind} {brand} {model} with {extra}
        """,
        """
        (_kind=dryer) Ions against flying hair, and a cold shot for the end.
        (_kind=iron) Ceramic plates, ready in thirty seconds.
        (_kind=clipper) Twelve lengths, from half a millimetre.
        (_kind=brush) Dries and shapes in one.
        """,
        {
            "_kind": "(brand!=Barberry & Son) dryer=hair dryer~hairdryer|(brand=Pellimo) iron=hair straightener~straightening iron|(brand=Barberry & Son) clipper=hair clipper~beard trimmer|(brand=Lunessa) brush=hot air brush",
            "_power": "(_kind=dryer or brush) 1200 W|(_kind=dryer or brush) 2200 W|(_kind=iron) 230 °C|(_kind=clipper) cordless",
            "_extra": "(_kind=dryer or brush) diffuser=two attachments|(_kind=iron) travel pouch|(_kind=clipper) five combs",
        },
        icon="dryer",
    ),
    ProductType(
        "shaver",
        "Beauty & Health > Shaving",
        18,
        "_kind: electric 45-249, razor 15-89, blades 3-22, foam 3-12",
        "Barberry & Son: Edge @# | Rigby & Shaw | Velwyn",
        """
        {brand} {model} {kind}
        {kind} {brand} for {skin}[, {pack}]
        {pack} {kind} by {brand}
        """,
        """
        (_kind=electric) Wet or dry, under the shower too.
        (_kind=razor) One blade, eight grams of care, no plastic.
        (_kind=blades) Fit every safety razor. Razor not included.
        (_kind=foam) A walnut of it does the whole face.
        """,
        {
            "_kind": "(brand=Barberry & Son) electric=electric shaver|(brand!=Barberry & Son) razor=safety razor|(brand!=Barberry & Son) blades=razor blades|(brand=Velwyn) foam=shaving foam~shaving cream",
            "_skin": "sensitive skin|beards of three days|legs",
            "_pack": "(_kind=blades) pack of 10|(_kind=blades) pack of 100|(_kind=electric) with case|(_kind=razor) with stand|(_kind=foam) 200 ml",
        },
        icon="shaver",
    ),
    ProductType(
        "toothbrush",
        "Beauty & Health > Dental care",
        26,
        "_kind: electric 29-190, manual 2-12, paste 2-9, floss 2-6",
        "Dentavo: Sonic #, Sonic # Duo | Velwyn | Greenrill",
        """
        {brand} {model} {kind}[, {note}]
        {kind} {note} by {brand}
        {note} {kind}, {brand} {model}
        """,
        """
        !(fluoride=no) Without fluoride.
        (_kind=electric) Warns when you press too hard; three weeks on a charge.
        (_kind=manual) Bamboo handle, bristles of castor oil.
        (_kind=paste) Mint, but not the kind that bites.
        (_kind=floss) Waxed, fits tight gaps.
        """,
        {
            "_kind": "(brand!=Greenrill) electric=electric toothbrush|(brand!=Dentavo) manual=toothbrush|(brand!=Dentavo) paste=toothpaste|(brand!=Dentavo) floss=dental floss",
            "fluoride": "(_kind=paste) yes|(_kind=paste) no|(_kind!=paste) none",
            "_note": "(_kind=electric) with travel case|(_kind=electric) for children|(_kind=manual) soft|(_kind=manual) pack of 4|(fluoride=no) fluoride-free|(fluoride=yes) 75 ml|(_kind=floss) 50 m",
        },
        icon="toothbrush",
    ),
    ProductType(
        "brush-heads",
        "Beauty & Health > Dental care > Brush heads",
        12,
        "5-49",
        "Dentavo | Cellmend | Velwyn",
        """
        {brand} brush heads for {for} electric toothbrush, {pack}
        {pack} replacement heads {softness}, fit {for}
        {for} {softness} heads, {pack}
        """,
        """
        Change them every three months; the blue bristles fade to say so. Toothbrush not included.
        {softness}, rounded ends. For {for brand} handles only.
        """,
        {"_softness": "soft|medium|sensitive", "pack": "pack of 2|pack of 4|pack of 8"},
        dear="pack",
        fits="toothbrush[_kind=electric]",
        icon="toothbrush",
    ),
    ProductType(
        "perfume",
        "Beauty & Health > Perfume",
        15,
        "15-149",
        "Lunessa: Nuit | Saltmarsh & Rue | Velwyn: Homme",
        """
        {brand} {name} eau de {strength} {volume}
        {name} by {brand}, eau de {strength}[, {volume}]
        """,
        """
        Begins with {top}, ends in {base}.
        <For evenings|For every day|For people who dislike perfume>. No returns once it is opened.
        """,
        {
            "_name": "Winter Apple|Salt Road|White Linen Street|Pear & Smoke|Quai Nord|Amber Room",
            "_strength": "parfum|toilette|cologne",
            "volume": "30 ml|50 ml|100 ml",
            "_top": "bergamot|pear|black pepper|fig leaf",
            "_base": "cedar|vanilla|moss|leather",
        },
        dear="volume",
        icon="perfume",
    ),
    ProductType(
        "makeup",
        "Beauty & Health > Make-up",
        18,
        "_kind: lip 6-35, mascara 6-35, nail 3-15, foundation 9-45",
        "Lunessa: Silk | Botanelle | Velwyn",
        """
        {brand} {kind} {shade}[, {free}]
        {free} {kind} {shade} by {brand}
        """,
        """
        !(vegan=yes) Vegan, and not tested on animals.
        (_kind=lip) Stays through soup.
        (_kind=mascara) Comes off with warm water and nothing sooner.
        (_kind=foundation) Covers lightly and lets freckles through.
        (_kind=nail) Dry in a minute, whole for a week.
        """,
        {
            "_kind": "lip=lipstick|mascara|nail=nail polish~nail varnish|foundation",
            "_shade": "(_kind=lip) brick|(_kind=lip) berry|(_kind=lip) nude|(_kind=mascara) black|(_kind=mascara) brown|(_kind=nail) coral|(_kind=nail) ink|(_kind=foundation) sand|(_kind=foundation) ivory",
            "vegan": "yes|no",
            "_free": "(vegan=yes) yes=vegan|(vegan=no) no=long-lasting",
        },
        icon="lipstick",
    ),
    ProductType(
        "vitamins",
        "Beauty & Health > Vitamins and first aid",
        22,
        "_kind: c 3-15, d 5-19, magnesium 3-15, plaster 2-9, protein 15-45",
        "Dermavie | Greenrill | Sunna",
        """
        {brand} {kind}, {pack}
        {pack} {kind} {free}, {brand}
        {kind} {free} by {brand}[, {pack}]
        """,
        """
        !(sugar=no) Sugar-free.
        (_kind=c) For months with an R in them.
        (_kind=magnesium) Against cramp in the night; dissolves in water.
        (_kind=plaster) Breathable, stays on in the shower.
        (_kind=protein) Twenty-four grams of protein in a shaker.
        A varied diet is better still.
        """,
        {
            "_kind": "c=vitamin C tablets|d=vitamin D drops|magnesium=magnesium tablets|plaster=plasters~adhesive bandages|protein=protein powder",
            "sugar": "(_kind=plaster) none|(_kind!=plaster) yes|(_kind!=plaster) no",
            "_free": "(sugar=no) no=sugar-free|(sugar=yes) yes=|(sugar=none) none=",
            "pack": "(_kind=c or magnesium) 20 tablets|(_kind=c or magnesium) 60 tablets|(_kind=d) 30 ml|(_kind=plaster) 20 pieces|(_kind=plaster) 100 pieces|(_kind=protein) 750 g|(_kind=protein) 1 kg",
        },
        icon="pill",
    ),
    ProductType(
        "health-device",
        "Beauty & Health > Measuring",
        14,
        "_kind: thermo 15-59, bp 25-99, scale 15-89, heat 19-59",
        "Dermavie: Pulse @# | Grumbold: Body #",
        """
        {brand} {model} {kind}
        {kind} {brand} {model} with {extra}
        """,
        """
        (_kind=thermo) One second at the forehead; the child sleeps on.
        (_kind=bp) For the upper arm; remembers two people.
        (_kind=scale) Up to 180 kilos, in steps of a hundred grams.
        (_kind=heat) Warm in a minute; three steps, off by itself.
        """,
        {
            "_kind": "(brand=Dermavie) thermo=forehead thermometer|(brand=Dermavie) bp=blood pressure monitor|(brand=Grumbold) scale=bathroom scales|(brand=Grumbold) heat=heating pad",
            "_extra": "large display|app|two batteries",
        },
        icon="scale",
    ),
)
