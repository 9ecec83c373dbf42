# ruff: noqa: E501 - a line of a title's or a text's grammar is one line
"""Phones, and all that is sold to go with them."""

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
)
