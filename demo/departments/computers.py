# ruff: noqa: E501 - a line of a title's or a text's grammar is one line
"""Computers, screens and mice."""

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
)
