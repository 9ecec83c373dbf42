# ruff: noqa: E501 - a line of a title's or a text's grammar is one line
"""Paper, pens and the furniture of an office."""

from endcap.demo.shelf import ProductType

TYPES = (
    ProductType(
        "notebook",
        "Office > Paper > Notebooks",
        26,
        "2-35",
        "Paperlark | Inkwell & Co | Marlowe & Pike",
        """
        {brand} notebook {size}, {ruling}[, {colour}]
        {colour} {cover} notebook {size} by {brand}
        {ruling} {noun} {brand} {size}, {cover} cover
        """,
        """
        Paper of 100 grams: fountain pens do not show through.
        Lies flat, has two ribbons and a pocket for tickets.
        (ruling=dotted) Dots for those who can't decide between lines and squares.
        No battery, no screen, no updates.
        """,
        {
            "size": "A5|A4|A6",
            "ruling": "ruled=ruled~lined|squared=squared~grid|dotted|blank=blank~plain",
            "_cover": "linen|soft|leather|hard",
            "_noun": "notebook~writing journal",
            "colour": "black|forest|mustard|night blue",
        },
        icon="notebook",
    ),
    ProductType(
        "pen",
        "Office > Writing > Pens",
        30,
        "_kind: fountain 15-149, ball 1-29, fine 2-25, marker 2-15, pencil 1-12",
        "Inkwell & Co: No. # | Paperlark | Tabulo",
        """
        {brand} {model} {kind}, {colour}
        {kind} {brand} [{nib}] in {colour}
        (_kind!=fountain) {pack} {kind}s by {brand}, {colour}
        """,
        """
        (_kind=fountain) A nib of steel that gives a little. Takes a converter.
        (_kind=ball) Clicks quietly.
        (_kind=fine) Waterproof ink, for drawings too.
        (_kind=marker) Highlights without smearing what lies below.
        (_kind=pencil) Cedar, HB, sharpened.
        """,
        {
            "_kind": "fountain=fountain pen|ball=ballpoint pen~biro|fine=fineliner|marker=highlighter~text marker|pencil=pencil",
            "_nib": "fine|medium|broad",
            "_pack": "pack of 4|pack of 12",
            "colour": "black|blue|red|green",
        },
        icon="pencil",
    ),
    ProductType(
        "pen-refill",
        "Office > Writing > Refills",
        12,
        "1-25",
        "Inkwell & Co | Tabulo",
        """
        {brand} {kind} {colour} for {for}
        {colour} {kind}, {pack}, fits {for} pens
        """,
        """
        Pen not included. Writes <a kilometre|three kilometres>.
        Colour <dries deep|fades a little on purpose>.
        """,
        {
            "_kind": "ink cartridges|refill=pen refills|bottle=bottled ink 30 ml",
            "_pack": "pack of 6|pack of 5|single",
            "colour": "black|blue|violet",
        },
        fits="pen[_kind=fountain or ball]",
        icon="ink",
    ),
    ProductType(
        "copy-paper",
        "Office > Paper > Printer paper",
        16,
        "3-59",
        "Paperlark | Greenrill | Glintmor",
        """
        {brand} {kind} {size}, {weight}, {pack}
        {pack} {size} {kind} {brand}
        {size} {kind} for {technique} printers, {weight}
        """,
        """
        (_kind=recycled) From waste paper, a little greyer and none the worse.
        (_kind=photo) Dries in seconds; glossy on one side.
        Runs through laser and inkjet printers. Printer not included.
        """,
        {
            "_kind": "copy=printer paper~copy paper|recycled=recycled printer paper|photo=photo paper",
            "size": "A4|A3|A5",
            "weight": "75 g/m²|80 g/m²|230 g/m²",
            "_pack": "500 sheets|2500 sheets|50 sheets",
            "_technique": "laser|inkjet",
        },
        icon="sheet",
        stuffing="laser printer inkjet printer copier printer paper office printer.",
    ),
    ProductType(
        "desk",
        "Office > Furniture > Desks",
        16,
        "_kind: standing 249-890, desk 79-490, corner 119-590",
        "Deskara: Rise #, Rise # Duo | Svalbo: Jobb | Hollin & Ash",
        """
        {brand} {model} {kind} {width}, {top}
        {kind} {brand} {model}[, {width}]
        {width} {kind} with {top} top, {brand}
        """,
        """
        (_kind=standing) Rises from 62 to 127 cm at a key and remembers four heights.
        (_kind=desk) Two drawers and a tray for the cables.
        (_kind=corner) Uses the corner that nothing else fits.
        Carries two monitors. <Assembly takes an hour|Chair not included>.
        """,
        {
            "_kind": "standing=height-adjustable desk~standing desk~sit-stand desk|desk=desk~writing desk|corner=corner desk",
            "width": "100 cm|120 cm|160 cm",
            "_top": "oak|white|bamboo|walnut",
        },
        dear="width",
        icon="table",
    ),
    ProductType(
        "office-chair",
        "Office > Furniture > Office chairs",
        18,
        "_kind: office 79-690, gaming 119-490, stool 49-249",
        "Deskara: Sit @#, Sit @# Plus | Dunmere: Idle | Brontec: Throne",
        """
        {brand} {model} {kind}, {colour}
        {kind} {brand} {model} with {extra}
        {colour} {kind} {brand} [{model}]
        """,
        """
        (_kind=office) The back gives way, the lumbar pad does not.
        (_kind=gaming) Bucket seat, and a cushion for long nights.
        (_kind=stool) Wobbles, so that you don't sink.
        Castors for hard floors. Up to <110|130|150> kilos.
        """,
        {
            "_kind": "office=office chair~desk chair|office=ergonomic office chair|gaming=gaming chair|stool=saddle stool~active stool",
            "_extra": "armrests|headrest|mesh back",
            "colour": "black|grey|petrol|white",
        },
        icon="chair",
    ),
    ProductType(
        "chair-part",
        "Office > Furniture > Chair accessories",
        10,
        "_kind: mat 19-69, castor 15-39, cushion 19-59, arm 9-25",
        "Deskara | Softly | Gripsley",
        """
        {brand} {kind} for office chairs[, {note}]
        {kind} {note}, fits {for}, {brand}
        """,
        """
        (_kind=mat) Saves the parquet from castors. Chair not included.
        (_kind=arm) Pulled over the armrest, held by Velcro.
        (_kind=castor) Soft tread; click in.
        (_kind=cushion) Foam with a memory, cover with a zip.
        """,
        {
            "_kind": "mat=chair mat|castor=castors|cushion=lumbar cushion~back support|arm=armrest pads",
            "_note": "(_kind=mat) 120 x 90 cm|(_kind=castor) set of 5|(_kind=cushion) grey|(_kind=arm) pair",
        },
        fits="office-chair",
        icon="chair",
        stuffing="office chair desk chair ergonomic chair gaming chair executive chair.",
    ),
    ProductType(
        "filing",
        "Office > Filing",
        24,
        "_kind: binder 2-9, folder 1-12, tray 2-25, box 2-22",
        "Tabulo | Inkwell & Co | Hangwell",
        """
        {brand} {kind} {size}, {colour}
        {colour} {kind} {brand}[, {pack}]
        {pack} {kind} {size} by {brand}
        """,
        """
        (_kind=binder) Eight centimetres of paper, and a hole to pull it out by.
        (_kind=folder) Three flaps and a rubber band.
        (_kind=tray) Stacks askew or straight.
        (_kind=box) For all that has to be kept for ten years.
        """,
        {
            "_kind": "binder=lever arch file~ring binder|folder=document folder~document wallet|tray=letter tray|box=archive box",
            "size": "A4|A5|A3",
            "colour": "black|grey|yellow|green|blue",
            "_pack": "pack of 10|pack of 3|single",
        },
        icon="case2",
    ),
    ProductType(
        "desk-supply",
        "Office > Desk supplies",
        30,
        "_kind: stapler 5-35, staples 1-6, punch 5-39, notes 2-15, tape 1-12, scissors 3-19, clips 1-8",
        "Tabulo | Paperlark | Inkwell & Co",
        """
        {brand} {kind}[, {note}]
        {kind} {note} by {brand}
        {colour} {kind}, {note}, {brand}
        """,
        """
        (_kind=stapler) Twenty sheets without effort.
        (_kind=staples) For every ordinary stapler. Stapler not included.
        (_kind=punch) Two holes, with a rule to set the size.
        (_kind=notes) Come off without a trace.
        (_kind=tape) Clear, tears by hand.
        (_kind=scissors) For paper; keep them away from the kitchen.
        (_kind=clips) In a box with a magnet in the lid.
        """,
        {
            "_kind": "stapler|staples|punch=hole punch|notes=sticky notes|tape=sticky tape|scissors|clips=paper clips",
            "_note": "(_kind=stapler) steel|(_kind=stapler) mini|(_kind=staples) 1000 pieces|(_kind=staples) 24/6|(_kind=punch) 30 sheets|(_kind=punch) 4 holes|(_kind=notes) 76 x 76 mm|(_kind=notes) 12 pads|(_kind=tape) 33 m|(_kind=tape) with dispenser|(_kind=scissors) 21 cm|(_kind=scissors) left-handed|(_kind=clips) 100 pieces|(_kind=clips) brass",
            "colour": "black|mint|rose|red",
        },
        icon="clip",
    ),
    ProductType(
        "calculator",
        "Office > Machines",
        14,
        "_kind: calc 5-39, shred 35-190, lamin 19-99, label 25-129",
        "Tabulo: Calc @## | Inkwell & Co: Shred # | Hexolo",
        """
        {brand} {model} {kind}
        {kind} {brand} {model} {note}
        """,
        """
        (_kind=calc) Solar cell and a key for tax.
        (_kind=shred) Turns a page into four hundred flakes.
        (_kind=lamin) Warm in three minutes, A4 in a half.
        (_kind=label) Prints on tape that sticks to jam jars too.
        """,
        {
            "_kind": "(brand=Tabulo) calc=desktop calculator|(brand=Tabulo) calc=pocket calculator|(brand=Inkwell & Co) shred=paper shredder~document shredder|(brand=Hexolo) lamin=laminator|(brand=Hexolo) label=label printer~label maker",
            "_note": "(_kind=calc) 12 digits|(_kind=shred) 8 sheets|(_kind=lamin) A4|(_kind=label) with keyboard",
        },
        icon="calculator",
    ),
    ProductType(
        "calendar",
        "Office > Paper > Calendars and cards",
        16,
        "_kind: wall 9-35, diary 8-39, card 5-19, wrap 2-9",
        "Paperlark | Inkwell & Co | Thornbury House",
        """
        {brand} {kind} {note}
        {kind} "{theme}" by {brand}
        {theme} {kind}[, {note}], {brand}
        """,
        """
        (_kind=wall) One picture a month, room to write beneath.
        (_kind=diary) A week on two pages, Monday first.
        (_kind=card) With envelope; blank inside.
        (_kind=wrap) Three metres, thick enough to hide the corners.
        """,
        {
            "_kind": "wall=wall calendar|diary=diary~planner|card=greeting cards|wrap=gift wrap~wrapping paper",
            "_theme": "Lighthouses|Mushrooms|Old Maps|Ink Cats|Wild Herbs|Night Sky",
            "_note": "(_kind=wall) A3|(_kind=diary) A5|(_kind=diary) pocket size|(_kind=card) set of 8|(_kind=wrap) 70 cm wide",
        },
        icon="sheet",
    ),
)
