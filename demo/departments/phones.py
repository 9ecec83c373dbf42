# ruff: noqa: E501 - a line of a title's or a text's grammar is one line
"""Phones, tablets, and all that is sold to go with them."""

from endcap.demo.shelf import ProductType

COLOURS = "black|graphite|white|sage green|sky blue|coral|lavender"
PHONES = "Norvik: Pulse #, Pulse # Lite, Pulse # Pro | Aurelo: Mira #, Mira # Neo | Kestravo: K#0, K#0 Max | Ovanta: Arc #, Arc # Fold"

TYPES = (
    ProductType(
        "smartphone",
        "Phones & Tablets > Smartphones",
        56,
        "149-1190",
        PHONES,
        """
        {brand} {model} {storage} {colour}
        {brand} {model} smartphone, {storage}, {colour}
        {brand} {model} 5G mobile phone with {screen size} display [({storage})]
        {colour} {brand} {model}, {storage}[, dual SIM]
        """,
        """
        <A steady everyday phone|The phone for people who take more pictures than calls|Slim enough for a shirt pocket> with a {screen size} screen.
        (battery=4200 mAh) The battery lasts a working day; half an hour at the plug gives you the evening as well.
        (battery=5000 mAh or 5500 mAh) Two days on one charge are realistic, says our own test.
        (waterproof=yes) Survives a fall into the sink: tested to thirty minutes under water.
        (waterproof=no) Keep it out of the rain, it is not sealed.
        Camera with {camera} and a night mode that leaves the sky dark.
        !(headphone jack=yes) Still has a headphone jack.
        <Charger not included|USB-C cable in the box, no charger|Updates promised for six years>.
        """,
        {
            "colour": COLOURS,
            "storage": "64 GB|128 GB|256 GB|512 GB",
            "screen size": '5.8"~14.7 cm|6.1"~15.5 cm|6.5"~16.5 cm|6.8"~17.3 cm',
            "battery": "4200 mAh|5000 mAh|5500 mAh",
            "camera": "12 MP|50 MP|64 MP|108 MP",
            "waterproof": "yes|no",
            "headphone jack": "no|no|yes",
        },
        dear="storage",
        icon="phone",
    ),
    ProductType(
        "senior-phone",
        "Phones & Tablets > Simple phones",
        9,
        "29-99",
        "Ovanta: Easy # | Belltane: Clara #, Clara # Flip | Norvik: Basic #",
        """
        {brand} {model} {form} for seniors, large buttons[, {colour}]
        {brand} {model} simple {form} with emergency key
        Big-button {form} {brand} {model} <in|,> {colour}
        """,
        """
        Large keys, a loud ringer and nothing to get lost in.
        The emergency key on the back calls five numbers in turn.
        No internet, no apps, no contract needed.
        <Works with most hearing aids|Stands in its own charging cradle|The torch has a switch of its own>.
        """,
        {"colour": "black|red|white", "_form": "flip=flip phone~folding mobile|bar=mobile phone~cell phone"},
        icon="keyphone",
    ),
    ProductType(
        "phone-case",
        "Phones & Tablets > Accessories > Cases",
        46,
        "7-39",
        "Shellwick | Carapace & Co | Norvik | Aurelo | Tuckaway | Mellow Lane",
        """
        {brand} {style} for {for}, {colour}
        {style} for {for} smartphone [- {brand}]
        {for} {style} in {colour} {material}
        {brand} {material} {style} compatible with {for}, {colour}
        {colour} {style} <made for|to fit> {for} mobile phone
        """,
        """
        <Cut exactly for the|Only for the> {for}. Not for the {other}.
        (material=leather) Vegetable-tanned leather that darkens with the years.
        (material=silicone) Soft to the touch and easy to grip with wet hands.
        (material=clear plastic) See-through, so the phone's own colour shows; does not turn yellow.
        (material=recycled plastic) Made of old fishing nets, thin as a playing card.
        (_style=wallet) Room for three cards and a folded note.
        (_style=rugged) Corners of rubber take the fall from a ladder.
        Phone shown is not included.
        """,
        {
            "colour": "black|navy|clear|dusty pink|forest green|tan",
            "material": "silicone|leather|clear plastic|recycled plastic",
            "_style": "slim=case~cover|slim=slim case~back cover|wallet=wallet case~flip case with card slots|rugged=rugged case~shockproof cover",
        },
        fits="smartphone",
        icon="case",
        stuffing="Keywords: smartphone {for} mobile phone cell phone 5G phone {for brand} phone case cover bumper best phone.",
    ),
    ProductType(
        "screen-protector",
        "Phones & Tablets > Accessories > Screen protectors",
        24,
        "5-25",
        "Shellwick | Clearpane | Carapace & Co | Glint Optics",
        """
        {brand} {kind} for {for}[, {pack}]
        {kind} {brand}, fits {for} [smartphone], {pack}
        {for} {kind} with fitting frame
        """,
        """
        <Goes on without bubbles|The frame in the box puts it straight at the first try>.
        (_kind=privacy) Your neighbour on the train sees a black screen.
        (_kind=glass) Nine on the scratch scale; keys and sand do not mark it.
        Leaves the front camera free. Will not fit the {other}.
        """,
        {
            "pack": "pack of 2~2 pieces|pack of 3~3 pieces|single",
            "_kind": "glass=tempered glass~glass screen protector|privacy=privacy screen protector|film=matt screen film",
        },
        fits="smartphone",
        icon="glass",
        stuffing="{for} phone smartphone screen display glass {for brand} mobile new phone.",
    ),
    ProductType(
        "phone-battery",
        "Phones & Tablets > Spare parts",
        12,
        "15-49",
        "Cellmend | Norvik | Voltane",
        """
        {brand} replacement battery for {for}, {capacity}
        Spare battery {capacity} for {for} [with tools]
        {for} battery, {brand}
        """,
        """
        For a {for} that no longer gets through the day.
        <Tool set and glue strips included|Fitting takes twenty minutes with a steady hand>.
        New cell, not a refurbished one.
        """,
        {"capacity": "4200 mAh|5000 mAh|5500 mAh"},
        fits="smartphone",
        icon="battery",
    ),
    ProductType(
        "phone-display",
        "Phones & Tablets > Spare parts",
        8,
        "49-229",
        "Cellmend | Aurelo | Norvik",
        """
        {brand} replacement display for {for} [with frame]
        {for} screen assembly, spare part
        Display and digitiser for {for}, {colour}
        """,
        """
        Screen, touch layer and frame in one part. For a cracked {for}.
        Needs some skill: watch the film on our repair page before you start.
        """,
        {"colour": "black|white"},
        fits="smartphone",
        icon="glass",
    ),
    ProductType(
        "phone-charger",
        "Phones & Tablets > Accessories > Chargers",
        22,
        "9-59",
        "Voltane | Norvik | Ampleby | Kestravo",
        """
        {brand} {power} {style}[, {colour}]
        {style} {power} by {brand} for phones and tablets
        {brand} {style} with {ports}, {power}
        """,
        """
        (_style=wireless) Lay the phone down and it charges, also through a case.
        (_style=car) Sits flush in the lighter socket.
        (_style=wall) No bigger than a matchbox; the pins fold away.
        Charges a {target} in <under an hour|about ninety minutes>.
        (cable included=no) The cable is sold separately.
        (cable included=yes) Comes with a braided cable of one metre.
        """,
        {
            "colour": "white|black",
            "power": "20 W|30 W|45 W|65 W",
            "ports": "one=one port|two=two ports~two sockets|three=three ports",
            "cable included": "yes|no",
            "_style": "wall=USB-C wall charger~USB-C power adapter|wireless=wireless charging pad|car=car charger",
            "_target": "phone|Norvik Pulse|small tablet",
        },
        dear="power",
        icon="plug",
    ),
    ProductType(
        "power-bank",
        "Phones & Tablets > Accessories > Power banks",
        14,
        "15-79",
        "Ampleby: Reserve @# | Voltane | Trailhorn: Sherpa",
        """
        {brand} {model} power bank {capacity}
        {brand} {capacity} portable charger[, {colour}]
        Power bank {capacity} with {extra}, {brand} {model}
        """,
        """
        Fills an ordinary phone <twice|three times|one and a half times> over.
        (_extra=solar) The solar panel is for emergencies; charge it at home first.
        Allowed in the cabin of an aeroplane.
        <Four lamps show what is left|Rubber edges for the rucksack|Warm to the touch when it works hard, that is normal>.
        """,
        {
            "colour": "black|white|orange",
            "capacity": "5000 mAh|10000 mAh|20000 mAh",
            "_extra": "solar=solar panel|display=charge display|cable=built-in cable",
        },
        dear="capacity",
        icon="battery",
    ),
    ProductType(
        "phone-holder",
        "Phones & Tablets > Accessories > Holders",
        14,
        "8-45",
        "Tuckaway | Gripsley | Voltane",
        """
        {brand} phone holder for the {place}
        {place} mount for smartphones <up to 7"|of every size>, {brand}
        Mobile phone holder, {place}[, {hold}], {brand}
        """,
        """
        (place=car) Clips to the air vent and leaves the windscreen free.
        (place=bicycle) Stays put on cobblestones; the phone turns upright or across.
        (place=desk) Heavy foot, so that a nudge does not tip it.
        (hold=magnetic) Held by magnets, no clamp to fiddle with.
        (hold=clamp) Opens with one hand.
        Phone not included.
        """,
        {"place": "car|bicycle=bike~bicycle handlebar|desk", "hold": "magnetic|clamp"},
        icon="holder",
    ),
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
