# ruff: noqa: E501 - a line of a title's or a text's grammar is one line
"""Tablets, readers, watches, and what goes with them."""

from endcap.demo.shelf import ProductType

TYPES = (
    ProductType(
        "tablet",
        "Phones & Tablets > Tablets",
        22,
        "129-990",
        "Norvik: Slate #, Slate # Mini | Aurelo: Folio # | Hexolo: Tab @#",
        """
        {brand} {model} tablet {screen size}, {storage}
        {brand} {model} {storage} {link} {colour}
        {screen size} tablet {brand} {model}[ with {link}]
        """,
        """
        <For films in bed and recipes in the kitchen|Light enough to hold through a whole film|A sketchbook that never runs out>.
        (pen included=yes) The pen is in the box and sticks to the edge.
        (pen included=no) Takes a pen, which is sold separately.
        (link=Wi-Fi and 5G) With a slot for a SIM card, online on the train too.
        The {screen size} screen is <sharp to the corner|bright enough for the garden>.
        """,
        {
            "colour": "grey|silver|rose",
            "storage": "64 GB|128 GB|256 GB",
            "screen size": '8"~20 cm|10.4"~26 cm|11"~28 cm|12.9"~33 cm',
            "link": "Wi-Fi|Wi-Fi and 5G",
            "pen included": "yes|no",
        },
        dear="storage",
        icon="tablet",
    ),
    ProductType(
        "tablet-case",
        "Phones & Tablets > Accessories > Tablet cases",
        16,
        "15-89",
        "Shellwick | Aurelo | Mellow Lane | Norvik",
        """
        {brand} {style} for {for} tablet[, {colour}]
        {style} to fit the {for}, {colour}
        {for} {style} by {brand}
        """,
        """
        (_style=keyboard) Keys with proper travel; the layout is British. Tablet not included.
        (_style=folio) Folds to a stand at two angles and wakes the screen when opened.
        (_style=kids) A foam bumper with a handle, made to be thrown.
        Holds the {for} and no other model.
        """,
        {
            "colour": "black|blue|red|grey",
            "_style": "folio=folio cover~stand case|keyboard=keyboard case~keyboard cover|kids=kids' case~foam case for children",
        },
        fits="tablet",
        icon="case",
    ),
    ProductType(
        "ereader",
        "Phones & Tablets > E-readers",
        8,
        "79-290",
        "Paperlark: Page #, Page # Plus | Quillan: Lector @#",
        """
        {brand} {model} e-reader, {storage}
        {brand} {model} e-book reader with {light}
        E-ink reader {brand} {model}[, {colour}]
        """,
        """
        Reads like paper in full sun, for weeks on one charge.
        (waterproof=yes) Takes no harm in the bath.
        Holds <some thousand novels|a small library>. No advertisements on the lock screen.
        """,
        {
            "colour": "black|white",
            "storage": "8 GB|16 GB|32 GB",
            "_light": "front light|warm light",
            "waterproof": "yes|no",
        },
        dear="storage",
        icon="tablet",
    ),
    ProductType(
        "smartwatch",
        "Phones & Tablets > Smartwatches",
        18,
        "69-450",
        "Norvik: Orbit # | Velocet: Stride @# | Aurelo: Tempo #, Tempo # Slim",
        """
        {brand} {model} smartwatch {case size}, {colour}
        {brand} {model} fitness watch with {feature}
        {colour} smart watch {brand} {model}, {feature}
        """,
        """
        (feature=GPS) Finds your route without a phone in the pocket.
        (feature=heart rate sensor) Reads the pulse at the wrist all day.
        (feature=ECG) Records an ECG that your doctor can open.
        (waterproof=yes) Fit for the pool, fifty metres.
        Lasts <a week|ten days|two days> between charges.
        <The strap changes without a tool|Speaks to every current phone>.
        """,
        {
            "colour": "black|silver|rose gold|blue",
            "case size": "40 mm|44 mm|46 mm",
            "feature": "GPS|heart rate sensor|ECG",
            "waterproof": "yes|yes|no",
        },
        icon="watch",
    ),
    ProductType(
        "watch-strap",
        "Phones & Tablets > Accessories > Watch straps",
        14,
        "7-49",
        "Tuckaway | Mellow Lane | Velocet",
        """
        {material} strap for {for} smartwatch, {colour}
        {brand} watch band {colour}, fits {for}
        Replacement strap {brand} for {for} [in {material}]
        """,
        """
        (material=nylon) Woven, light, dry in ten minutes.
        (material=leather) Softens on the wrist within a week.
        (material=steel) Links come out with the small tool in the box.
        Band only, without the watch.
        """,
        {"colour": "black|brown|olive|silver", "material": "nylon|leather|steel|silicone"},
        fits="smartwatch",
        icon="watch",
    ),
    ProductType(
        "phone-bundle",
        "Phones & Tablets > Bundles",
        8,
        "189-990",
        "Norvik | Aurelo | Ovanta",
        """
        {for} starter bundle: phone, case and charger
        Bundle {for} with {gift}
        {for} smartphone set incl. {gift}[, {colour}]
        """,
        """
        One box, one price: the {for} together with {gift}.
        Cheaper than the parts bought singly.
        """,
        {"colour": "black|white", "_gift": "wireless earbuds|case and glass|power bank"},
        fits="smartphone",
        icon="phone",
    ),
    ProductType(
        "sim",
        "Phones & Tablets > SIM cards",
        5,
        "5-30",
        "Talkmoor | Ovanta",
        """
        {brand} prepaid SIM card with {data}
        {brand} {data} travel SIM, no contract
        Prepaid starter pack {brand}, {data}, for every phone
        """,
        """
        Put it in, switch on, call. Runs out after <a year|six months>.
        (_sim=esim) Also as an eSIM, by e-mail.
        Works in smartphones, tablets and old mobile phones alike.
        """,
        {"data": "5 GB|10 GB|20 GB", "_sim": "esim|card"},
        dear="data",
        icon="card",
    ),
)
