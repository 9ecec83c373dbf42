# ruff: noqa: E501 - a line of a title's or a text's grammar is one line
"""Keyboards, printers, storage, cables and networks."""

from endcap.demo.shelf import ProductType

TYPES = (
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
