# ruff: noqa: E501 - a line of a title's or a text's grammar is one line
"""Computers and what is plugged into them."""

from endcap.demo.shelf import ProductType

TYPES = (
    ProductType(
        "laptop",
        "Computers > Laptops",
        42,
        "299-1990",
        "Zenmarq: Airo @##, Airo @## Touch | Quillan: Scribe # | Brontec: Forge @##, Forge @## Studio | Hexolo: Leaf # | Norvik: Book #",
        """
        {brand} {model} {noun} {screen size}, {memory}, {storage}
        {screen size} {noun} {brand} {model}, {processor}, {memory} RAM
        {brand} {model} {noun} for {use}, {storage} SSD
        {brand} {model} {screen size} {memory}/{storage} {colour}
        """,
        """
        (use=study) Survives a semester of lecture halls and fits on the small fold-down table.
        (use=gaming) A loud fan and a fast screen: it is made for games and does not hide it.
        (use=office work) Quiet, matt screen, all the ports that the projector asks for.
        (use=video editing) Colours are measured at the factory; the sheet is in the box.
        (use=travel) Weighs less than a litre of milk.
        {memory} of memory and {storage} on the SSD.
        !(system=none) Delivered without an operating system.
        (touch=yes) The screen answers to finger and pen.
        Battery for <seven|nine|twelve|five> hours of writing.
        """,
        {
            "_noun": "laptop~notebook~laptop~notebook computer",
            "screen size": '13.3"~33.8 cm|14"~35.6 cm|15.6"~39.6 cm|17.3"~43.9 cm',
            "memory": "8 GB|16 GB|32 GB",
            "storage": "256 GB|512 GB|1 TB",
            "processor": "4 cores|6 cores|8 cores",
            "use": "study|gaming|office work|video editing|travel",
            "system": "Windows|Linux|none|Windows",
            "touch": "no|yes|no",
            "colour": "silver|grey|black",
        },
        dear="memory",
        icon="laptop",
    ),
    ProductType(
        "laptop-bag",
        "Computers > Accessories > Laptop bags",
        22,
        "12-99",
        "Tuckaway | Mellow Lane | Marlowe & Pike | Trailhorn",
        """
        {brand} {style} for {screen size} laptop[, {colour}]
        {style} up to {screen size} for notebook and charger, {brand}
        {colour} laptop {style} {brand} {screen size}
        """,
        """
        (_style=sleeve) A padded sleeve without a pocket, thin enough to go into another bag.
        (_style=bag) Slides over the handle of a trolley case.
        (_style=backpack) The laptop rides against the back, the lunch in front.
        Fits notebooks up to {screen size}. Laptop and papers not included.
        (material=felt) Grey wool felt that hides crumbs.
        """,
        {
            "colour": "grey|black|navy|ochre",
            "material": "polyester|felt|canvas|leather",
            "_style": "sleeve|bag=bag~briefcase|backpack=backpack~rucksack",
            "screen size": '13.3"|14"|15.6"|17.3"',
        },
        icon="bag",
        stuffing="notebook laptop computer {screen size} student office gaming business laptop notebook cheap laptop.",
    ),
    ProductType(
        "laptop-charger",
        "Computers > Spare parts > Power supplies",
        16,
        "19-79",
        "Cellmend | Voltane | Zenmarq | Quillan",
        """
        {brand} power supply {power} for {for} laptop
        {for} charger {power}[, replacement]
        Replacement AC adapter for {for}, {power} ({brand})
        """,
        """
        For a charger left in a hotel. Matches the plug of the {for}.
        Switches itself off when it gets hot. Mains lead included.
        """,
        {"power": "45 W|65 W|90 W|130 W"},
        fits="laptop",
        icon="plug",
    ),
    ProductType(
        "laptop-stand",
        "Computers > Accessories > Stands",
        10,
        "15-79",
        "Deskara | Gripsley | Tuckaway",
        """
        {brand} laptop stand, {material}, height-adjustable
        Folding {material} riser for notebooks, {brand}
        {brand} {material} stand for laptops <10" to 17"|up to 16">
        """,
        """
        Lifts the screen to the height of the eyes; use it with a keyboard of its own.
        (material=aluminium) Takes the heat away and does not wobble when you type.
        (material=bamboo) One tree-coloured piece in a grey office.
        """,
        {"material": "aluminium|bamboo|steel"},
        icon="holder",
    ),
    ProductType(
        "desktop",
        "Computers > Desktop computers",
        12,
        "349-2190",
        "Brontec: Anvil @##, Anvil @## Mini | Zenmarq: Core Cube @#",
        """
        {brand} {model} desktop PC, {memory}, {storage}
        {brand} {model} {form} computer for {use}
        {form} PC {brand} {model}[, {memory} RAM]
        """,
        """
        (form=mini) Screws to the back of the monitor and is forgotten.
        (form=tower) Opens without a tool; two places are free for more disks.
        (use=gaming) A graphics card with three fans. Keyboard, mouse and monitor not included.
        (use=office work) You will not hear it. Monitor not included.
        """,
        {
            "form": "mini|tower",
            "memory": "8 GB|16 GB|32 GB",
            "storage": "512 GB|1 TB|2 TB",
            "use": "gaming|office work",
        },
        dear="memory",
        icon="tower",
    ),
    ProductType(
        "monitor",
        "Computers > Monitors",
        22,
        "99-890",
        "Lumbrix: View @##, View @## Wide | Brontec: Pane @## | Quillan: Canvas #",
        """
        {brand} {model} monitor {screen size}, {resolution}
        {screen size} {resolution} screen {brand} {model}
        {brand} {model} {screen size} PC monitor for {use}[, {colour}]
        """,
        """
        (use=gaming) 165 pictures a second, so that the enemy does not smear.
        (use=office work) Turns upright for long documents and drops low for small people.
        (use=photo work) Comes calibrated; covers what a good printer can print.
        One USB-C cable brings picture and power to the laptop.
        (curved=yes) The curve wraps the edges into view.
        <Thin frame|Built-in loudspeakers that will do for a call|VESA holes at the back>.
        """,
        {
            "screen size": '24"~61 cm|27"~68.6 cm|32"~81 cm|34"~86 cm',
            "resolution": "Full HD|QHD|4K",
            "use": "gaming|office work|photo work",
            "curved": "no|yes|no",
            "colour": "black|white",
        },
        dear="resolution",
        icon="monitor",
    ),
    ProductType(
        "monitor-arm",
        "Computers > Accessories > Monitor arms",
        8,
        "29-149",
        "Deskara | Gripsley",
        """
        {brand} monitor arm for {number} <17" to 32"|up to 34">
        Desk mount for {number}, gas spring, {brand}
        """,
        """
        Clamps to the table and gives the space under the screen back.
        Monitors not included. Holds up to <eight|nine> kilos an arm.
        """,
        {"number": "one=one screen~one monitor|two=two screens~two monitors"},
        dear="number",
        icon="holder",
    ),
    ProductType(
        "mouse",
        "Computers > Mice",
        24,
        "9-119",
        "Brontec: Claw @# | Quillan: Pebble #, Pebble # Silent | Hexolo: Dot",
        """
        {brand} {model} {link} mouse, {colour}
        {link} {shape} mouse {brand} {model}
        {brand} {model} {shape} computer mouse[, {link}]
        """,
        """
        (shape=ergonomic) Stands upright like a handshake and spares the wrist.
        (shape=gaming) Eleven keys, and weights that come out.
        (shape=travel) Small as an egg.
        (link=wireless) One AA battery lasts a year. Receiver hides in the belly.
        (link=Bluetooth) Needs no receiver: pairs with three machines and changes by a key.
        (hand=left) For left-handers, which are one in ten and served by one mouse in a hundred.
        <The wheel turns in steps|Clicks without a click|Glides on glass>.
        """,
        {
            "link": "wireless|Bluetooth|wired=wired~USB",
            "shape": "ergonomic=ergonomic~vertical|gaming|travel|standard=optical",
            "hand": "right|right|right|left",
            "colour": "black|white|pink|grey",
        },
        icon="mouse",
    ),
    ProductType(
        "mouse-pad",
        "Computers > Accessories > Mouse pads",
        14,
        "5-39",
        "Brontec | Mellow Lane | Deskara | Hexolo",
        """
        {brand} mouse pad {size}[, {colour}]
        {colour} mouse mat from {brand}, {material}
        Mouse pad in {material}, {size}
        {material} mouse mat {size} by {brand}
        {colour} {material} desk mat for mouse and keyboard, {size}
        """,
        """
        (material=cloth) Fast enough for gaming; goes into the washing machine at 30 degrees.
        (material=cork) Warm under the hand, smells faintly of wine.
        (material=leather) For wireless and wired mice alike. Mouse not included.
        """,
        {"material": "cloth|cork|leather", "size": "25 x 21 cm|80 x 30 cm|90 x 40 cm", "colour": "black|grey|green"},
        icon="mat",
        stuffing="gaming mouse wireless mouse ergonomic mouse keyboard PC computer mouse accessories.",
    ),
    ProductType(
        "keyboard",
        "Computers > Keyboards",
        20,
        "15-189",
        "Quillan: Type #, Type # Low | Brontec: Clack @## | Hexolo: Flatkey",
        """
        {brand} {model} {link} keyboard, {layout} layout
        {switch} keyboard {brand} {model}[, {colour}]
        {brand} {model} {switch} {link} keyboard
        """,
        """
        (switch=mechanical) A proper click under every finger; colleagues will notice.
        (switch=silent) Rubber under the keys: a library's keyboard.
        !(number pad=no) Without a number pad, so the mouse comes closer.
        (number pad=yes) With a number pad for those who live in spreadsheets.
        (link=wireless) Receiver and two AAA cells in the box.
        (lit=yes) Lit from below in any colour or none.
        """,
        {
            "link": "wireless|wired=wired~USB|Bluetooth",
            "switch": "flat|silent=silent~quiet|mechanical",
            "number pad": "yes|no",
            "layout": "UK|German|US",
            "lit": "yes|no",
            "colour": "black|white|grey",
        },
        dear="switch",
        icon="keyboard",
    ),
    ProductType(
        "headset",
        "Computers > Headsets",
        12,
        "19-159",
        "Brontec: Howl @# | Quillan: Listen | Corvane: Call @##",
        """
        {brand} {model} {link} headset for {use}
        {use} headset {brand} {model}[, {link}]
        """,
        """
        (use=calls) Eats the noise of an open office; the other side hears only you.
        (use=gaming) You hear from where they come. Cushions of velour.
        (link=wireless) Walks with you as far as the kitchen.
        The arm of the microphone folds away and mutes.
        """,
        {"link": "wireless|wired=wired~USB", "use": "calls|gaming", "colour": "black|white"},
        icon="headphones",
    ),
    ProductType(
        "webcam",
        "Computers > Webcams",
        9,
        "25-179",
        "Lumbrix: Eye @# | Quillan: Window",
        """
        {brand} {model} webcam {resolution}[ with cover]
        {resolution} web camera {brand} {model} for calls
        """,
        """
        Sits on any screen; a lid closes it for good.
        <Kind to tired faces in the evening|Follows you when you stand up|Two microphones that ignore the keyboard>.
        """,
        {"resolution": "Full HD|QHD|4K"},
        dear="resolution",
        icon="camera",
    ),
    ProductType(
        "printer",
        "Computers > Printers",
        14,
        "69-490",
        "Inkwell & Co: Press @##, Press @## Duo | Osmarin: Jetta @#",
        """
        {brand} {model} {technique} printer[, {extra}]
        {technique} printer with {extra}, {brand} {model}
        {brand} {model} {technique} multifunction printer
        """,
        """
        (technique=laser) Toner does not dry out, so it waits for months and then prints.
        (technique=inkjet) Photographs to the edge of the paper.
        (ink system=tank) Bottles instead of cartridges: some 6,000 pages before the first refill.
        (extra=scanner) Scans to a PDF in one pass.
        (extra=duplex) Prints both sides without your help.
        """,
        {
            "technique": "laser|inkjet",
            "ink system": "cartridge|tank",
            "extra": "scanner|duplex=duplex printing|Wi-Fi",
            "colour print": "yes|no",
        },
        icon="printer",
    ),
    ProductType(
        "ink",
        "Computers > Printers > Ink and toner",
        22,
        "9-89",
        "Inkwell & Co | Osmarin | Refillery",
        """
        {brand} {kind} {ink colour} for {for}
        {for} printer {kind}, {ink colour}[, {yield}]
        {ink colour} {kind} to fit {for} printers, {yield}
        """,
        """
        Prints {yield} at ordinary coverage.
        <Recognised by the printer like the original|Sealed twice for the post>. Not for the {other}.
        Printer not included.
        """,
        {
            "_kind": "cartridge=ink cartridge|toner=toner cartridge|bottle=ink bottle",
            "ink colour": "black|cyan|magenta|yellow|multipack=multipack of four colours",
            "yield": "300 pages|1200 pages|2600 pages",
        },
        dear="yield",
        fits="printer",
        icon="ink",
        stuffing="laser printer inkjet printer {for brand} printer colour printer scanner all in one.",
    ),
    ProductType(
        "drive",
        "Computers > Storage",
        22,
        "_kind: stick 6-49, ssd 39-290, hdd 49-190, card 7-79",
        "Hexolo: Vault @# | Lumbrix: Keep | Ampleby: Pocket",
        """
        {brand} {model} {kind} {capacity}
        {capacity} {kind}, {brand} {model}[, {colour}]
        {brand} {capacity} {kind} for <photos and backups|Mac and PC|the camera bag>
        """,
        """
        (_kind=stick) On a key ring, and gone through our washing machine twice.
        (_kind=ssd) Copies a film in ten seconds; no moving parts.
        (_kind=card) For cameras, drones and consoles.
        (_kind=hdd) Slow and spacious, the right place for old photographs.
        """,
        {
            "_kind": "stick=USB stick~flash drive|ssd=portable SSD~external SSD|hdd=external hard drive~external hard disk|card=SD card~memory card",
            "capacity": "(_kind=stick or card) 64 GB|(_kind=stick or card) 128 GB|(_kind!=hdd) 512 GB|(_kind=ssd or hdd) 1 TB|(_kind=ssd or hdd) 4 TB",
            "colour": "black|blue",
        },
        dear="capacity",
        icon="drive",
    ),
    ProductType(
        "cable",
        "Computers > Cables and adapters",
        20,
        "_kind: hdmi 4-29, usbc 4-25, lan 3-22, hub 19-79, hdmi-usbc 9-35",
        "Ampleby | Voltane | Gripsley",
        """
        {brand} {kind}, {length}[, {colour}]
        {kind} {length} by {brand}
        {colour} {kind}, {quality}, {length}
        """,
        """
        (_quality=braided) Braided jacket, tested for ten thousand bends.
        <Gold on the contacts, for what it is worth|A Velcro strap keeps it tidy>.
        (length=3 m) Long enough to go round the desk.
        (_kind=hub) Seven ports out of one. The laptop in the picture stays with us.
        """,
        {
            "length": "0.5 m~50 cm|1 m~100 cm|2 m~200 cm|3 m",
            "colour": "black|white|grey",
            "_quality": "braided|flat|shielded",
            "_kind": "hdmi=HDMI cable|usbc=USB-C cable|lan=network cable~ethernet cable|hub=USB-C hub for laptops|hdmi-usbc=USB-C to HDMI adapter",
        },
        icon="cable",
    ),
    ProductType(
        "router",
        "Computers > Networking",
        10,
        "_kind: router 39-290, repeater 25-99",
        "Talkmoor: Relay @## | Hexolo: Mesh #",
        """
        {brand} {model} {kind}, {standard}
        {standard} {kind} {brand} {model}[ for <large|three-storey> homes]
        """,
        """
        (_kind=repeater) Plug it in half-way to the room that has no signal.
        (_kind=router) Guests get a network of their own.
        Covers about <eighty|a hundred and twenty|two hundred> square metres.
        """,
        {
            "standard": "Wi-Fi 5|Wi-Fi 6|Wi-Fi 7",
            "_kind": "router=router~wireless router|repeater=Wi-Fi repeater~range extender",
        },
        dear="standard",
        icon="router",
    ),
)
