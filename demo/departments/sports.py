# ruff: noqa: E501 - a line of a title's or a text's grammar is one line
"""Sport, cycling, camping."""

from endcap.demo.shelf import ProductType

TYPES = (
    ProductType(
        "tent",
        "Sports & Outdoors > Camping > Tents",
        15,
        "39-690",
        "Trailhorn: Cairn # | Tarnfell: Bothy | Summitry: Col #",
        """
        {brand} {model} {people} tent, {weight}
        {people} {kind} tent {brand} {model}[, {colour}]
        {kind} tent {brand} {model} for {season}
        """,
        """
        (_kind=popup) Throw it up and it stands; getting it back into the bag takes a video.
        (_kind=dome) Stands without pegs, also on rock.
        (_kind=tunnel) Porch big enough to cook in.
        Holds off a column of 3000 mm of water. Weighs {weight}.
        """,
        {
            "_kind": "dome|tunnel|popup=pop-up",
            "people": "one-person=1-person~one-person|two-person=2-person~two-person|four-person=4-person~family",
            "weight": "(people=one-person) 1.4 kg|(people=two-person) 2.3 kg|(people=two-person) 1.9 kg|(people=four-person) 4.9 kg",
            "_season": "three seasons|summer|winter",
            "colour": "olive|orange|sand",
        },
        dear="people",
        icon="tent",
    ),
    ProductType(
        "tent-part",
        "Sports & Outdoors > Camping > Tent accessories",
        12,
        "4-69",
        "Trailhorn | Tarnfell | Hangwell",
        """
        {brand} {kind} for {people} tents
        {kind} to fit {for} tent, {brand}
        Tent {kind} {brand}[, {number}]
        """,
        """
        Tent not included. <Aluminium, does not bend in stony ground|Packs to the size of a fist>.
        (_kind=footprint) Saves the floor from thorns.
        """,
        {
            "_kind": "pegs=pegs|footprint=footprint~groundsheet|pole=spare pole|line=guy lines",
            "_people": "two-person|four-person",
            "_number": "10 pieces|pack of 6",
        },
        fits="tent",
        icon="tent",
    ),
    ProductType(
        "sleeping-bag",
        "Sports & Outdoors > Camping > Sleeping bags and mats",
        20,
        "_kind: bag 39-390, mat 19-190",
        "Tarnfell: Drift # | Trailhorn: Cairn | Feathergrove",
        """
        {brand} {model} {kind} {comfort}
        {kind} {brand} {model}, {fill}
        {fill} {kind} {comfort} by {brand}
        """,
        """
        (_kind=bag) Zip on the left, opens flat as a blanket.
        (_kind=mat) Blows up in twelve breaths, does not rustle.
        (fill=down) Down that still lofts when damp.
        (fill=synthetic) Without feathers; dries quickly.
        """,
        {
            "_kind": "bag=sleeping bag|mat=sleeping mat~camping mat",
            "fill": "(_kind=bag) down|(_kind=bag) synthetic|(_kind=mat) foam|(_kind=mat) air",
            "_comfort": "(_kind=bag) comfort -5 °C|(_kind=bag) comfort 5 °C|(_kind=bag) comfort 12 °C|(_kind=mat) 183 x 51 cm|(_kind=mat) 196 x 63 cm",
        },
        icon="bag3",
    ),
    ProductType(
        "backpack",
        "Sports & Outdoors > Hiking > Rucksacks",
        20,
        "19-249",
        "Trailhorn: Sherpa #, Sherpa # W | Summitry: Ridge | Velocet",
        """
        {brand} {model} {noun} {volume}, {colour}
        {colour} {use} {noun} {volume}, {brand}
        {use} {noun} {brand} {model}[, {volume}]
        """,
        """
        (use=hiking) The frame carries the weight on the hips.
        (use=school) Reflects at dusk, holds A4 without corners.
        (use=cycling) Air behind the back; light loop.
        Rain cover in the bottom pocket. {volume}, with two side pockets for bottles.
        """,
        {
            "_noun": "rucksack~backpack",
            "volume": "12 l|22 l|35 l|65 l",
            "use": "hiking=hiking~trekking|school|cycling=cycling~bike",
            "colour": "moss|black|rust|ice blue",
        },
        dear="volume",
        icon="bag",
    ),
    ProductType(
        "bicycle",
        "Sports & Outdoors > Cycling > Bicycles",
        16,
        "_kind: ebike 1190-3490, city 349-990, mtb 449-1990, kids 129-390",
        "Velocet: Corso @#, Corso @# Step | Ridgemoor: Trail # | Puddlejump: Dash",
        """
        {brand} {model} {kind} {wheel}, {colour}
        {kind} {brand} {model}, {gears}
        {wheel} {kind} {brand} {model}[, {colour}]
        """,
        """
        (_kind=ebike) The motor helps up to 25 km/h, for ninety kilometres.
        (_kind=city) Chain under cover, light from the hub.
        (_kind=mtb) Forks that swallow roots.
        (_kind=kids) Low step, brakes for small hands. Stabilisers not included.
        (_kind=kids) With a bell that will be rung.
        Ninety per cent assembled: handlebar, pedals, done.
        """,
        {
            "_kind": "(brand=Velocet) ebike=e-bike~electric bike|(brand=Velocet) city=city bike|(brand=Ridgemoor) mtb=mountain bike|(brand=Puddlejump) kids=children's bike~kids' bike",
            "wheel": '(_kind=kids) 16"|(_kind=kids) 20"|(_kind!=kids) 28"|(_kind=mtb) 29"|(_kind=city) 26"',
            "_gears": "(_kind=kids) 1 gear|(_kind=kids) 3 gears|(_kind!=kids) 8 gears|(_kind!=kids) 11 gears",
            "colour": "black|white|red|sea green",
        },
        dear="_kind",
        icon="bike",
    ),
    ProductType(
        "bike-part",
        "Sports & Outdoors > Cycling > Parts and accessories",
        34,
        "_kind: lock 15-119, light 12-89, pump 9-59, tube 4-12, saddle 19-99, helmet 25-149, basket 15-59, bell 4-19",
        "Velocet | Ridgemoor | Gripsley | Ampleby",
        """
        {brand} {kind}[, {note}]
        {kind} {brand} for {bike}s, {note}
        {note} {kind} for {bike}, {brand}
        """,
        """
        (_kind=lock) Resists the bolt cutter for long enough.
        (_kind=light) Seen from 300 metres, charged by USB-C.
        (_kind=pump) Fits every valve without a change of head.
        (_kind=tube) Comes with talcum; mends twice.
        (_kind=saddle) Firm, with a groove where it matters.
        (_kind=helmet) Turns at the back to fit; a light for behind.
        (_kind=basket) Unclips with one hand, carries six kilos.
        Bicycle not included.
        """,
        {
            "_kind": "lock=bike lock|light=bike light set|pump=bicycle pump|tube=inner tube|saddle=bike saddle~bicycle seat|helmet=cycle helmet~bike helmet|basket=bicycle basket|bell",
            "_bike": "city bike|mountain bike|e-bike|children's bike",
            "_note": '(_kind=lock) folding|(_kind=lock) 85 cm|(_kind=light) 60 lux|(_kind=light) battery|(_kind=pump) with gauge|(_kind=pump) mini|(_kind=tube) 26"|(_kind=tube) 28"|(_kind=saddle) gel|(_kind=saddle) leather|(_kind=helmet) size M|(_kind=helmet) size L|(_kind=helmet) for children|(_kind=basket) wicker|(_kind=basket) wire|(_kind=bell) brass|(_kind=bell) black',
        },
        icon="wheel",
        stuffing="bicycle bike e-bike mountain bike city bike racing bike cycling.",
    ),
    ProductType(
        "running-gear",
        "Sports & Outdoors > Running > Accessories",
        18,
        "_kind: belt 9-35, vest 39-119, cap 9-35, socks 7-22, band 4-15",
        "Strideon | Velocet | Kinabo",
        """
        {brand} {kind} for runners[, {colour}]
        {colour} running {kind} by {brand}
        {brand} {note} {kind}, {colour}
        """,
        """
        (_kind=belt) Holds a phone, a key and a gel, and does not bounce.
        (_kind=vest) Two soft bottles in front, a jacket at the back.
        (_kind=cap) Light, dries on the head.
        (_kind=socks) Left and right are different; no blisters.
        (_kind=band) Seen by cars in the dark.
        """,
        {
            "_kind": "belt=belt~waist belt|vest=hydration vest|cap=cap|socks=socks|band=reflective armband",
            "colour": "black|neon yellow|coral|white",
            "_note": "light|breathable|reflective",
        },
        icon="shirt",
    ),
    ProductType(
        "fitness",
        "Sports & Outdoors > Fitness",
        26,
        "_kind: mat 12-69, dumbbell 9-59, kettlebell 19-79, band 7-29, rope 6-25, roller 12-45",
        "Kinabo | Strideon: Home # | Ironmoor Fit",
        """
        {brand} {kind} {size}
        {kind} {size} by {brand}[, {colour}]
        {colour} {kind} {brand}
        """,
        """
        (_kind=mat) Does not slip and does not smell.
        (_kind=dumbbell) Neoprene round cast iron: quiet on the parquet.
        (_kind=kettlebell) Cast in one piece, handle without a seam.
        (_kind=band) Five strengths in a bag.
        (_kind=rope) Ball bearings; the length is set in seconds.
        (_kind=roller) Hurts in the right place.
        """,
        {
            "_kind": "mat=yoga mat~exercise mat|dumbbell=dumbbells|kettlebell|band=resistance bands|rope=skipping rope~jump rope|roller=foam roller",
            "_size": "(_kind=mat) 183 x 61 cm|(_kind=mat) 6 mm|(_kind=dumbbell) 2 x 2 kg|(_kind=dumbbell) 2 x 5 kg|(_kind=kettlebell) 8 kg|(_kind=kettlebell) 16 kg|(_kind=band) set of 5|(_kind=rope) 3 m|(_kind=roller) 33 cm",
            "colour": "black|grey|berry|petrol",
        },
        icon="dumbbell",
    ),
    ProductType(
        "table-tennis",
        "Sports & Outdoors > Racket sports",
        20,
        "_kind: bat 9-79, ttable 149-590, ball 3-15, racket 19-149, shuttle 4-15, net 7-35",
        "Kinabo: Spin # | Velocet | Topspin & Sons",
        """
        {brand} {kind} {note}
        {kind} by {brand}, {note}
        {note} {kind} {brand}
        """,
        """
        (_kind=bat) Rubber for spin on one side, for defence on the other.
        (_kind=ttable) Folds in two and rolls into the garage; for outdoors.
        (_kind=ball) Three stars, white, seamless.
        (_kind=racket) Light head, forgiving on the rim.
        (_kind=shuttle) Nylon, lasts for a summer.
        (_kind=net) Clamps on to any table.
        """,
        {
            "_kind": "bat=table tennis bat~ping-pong paddle|ttable=table tennis table~ping-pong table|ball=table tennis balls|racket=tennis racket|shuttle=badminton shuttlecocks|net=table tennis net",
            "_note": "(_kind=bat) 4 stars|(_kind=bat) set of 2|(_kind=ttable) outdoor|(_kind=ttable) compact|(_kind=ball) pack of 6|(_kind=ball) orange|(_kind=racket) 280 g|(_kind=racket) for juniors|(_kind=shuttle) tube of 6|(_kind=net) with clamps",
        },
        icon="racket",
    ),
    ProductType(
        "ball",
        "Sports & Outdoors > Team sports",
        12,
        "7-79",
        "Kinabo | Strideon",
        """
        {brand} {kind} {size}, {colour}
        {kind} for {place}, {brand}[, {size}]
        """,
        """
        Thirty-two panels, glued, not stitched, so it stays dry.
        (_place=hall) Marks no floors. <Pump not included|Comes flat>.
        """,
        {
            "_kind": "football|basketball|volleyball|handball",
            "size": "size 3|size 5|size 7",
            "_place": "hall=the hall|grass|beach=the beach",
            "colour": "white|orange|blue",
        },
        icon="ball",
    ),
    ProductType(
        "swim",
        "Sports & Outdoors > Swimming",
        14,
        "_kind: goggles 7-45, cap 4-15, snorkel 15-59, towel 9-29",
        "Aquaro: Fin # | Tarnfell",
        """
        {brand} {model} {kind}, {colour}
        {colour} {kind} by {brand} for {who}
        """,
        """
        (_kind=goggles) Sit without sucking and do not mist up for a good hour.
        (_kind=cap) Silicone, no hair pulled out.
        (_kind=snorkel) See the urchin before you step on it.
        (_kind=towel) Dries you, then dries itself.
        """,
        {
            "_kind": "goggles=swimming goggles|cap=swimming cap|snorkel=snorkel set|towel=microfibre towel",
            "_who": "children|adults|lane swimmers",
            "colour": "blue|clear|black|mint",
        },
        icon="goggles",
    ),
    ProductType(
        "stove",
        "Sports & Outdoors > Camping > Stoves and lamps",
        16,
        "_kind: stove 19-129, pot 19-99, lantern 12-69, box 25-149",
        "Trailhorn: Ember # | Tarnfell | Fjellby",
        """
        {brand} {model} {kind}
        {kind} {brand}[, {note}]
        {note} {kind} by {brand}
        """,
        """
        (_kind=stove) Half a litre boils in three minutes. Cartridge not included.
        (_kind=pot) Two pots and a pan that nest.
        (_kind=lantern) Hangs from the roof of the tent; warm light.
        (_kind=box) Ice stays ice for two days.
        """,
        {
            "_kind": "stove=camping stove~gas cooker for camping|pot=camping cookware set|lantern=camping lantern|box=cool box~cooler",
            "_note": "(_kind=stove) 95 g|(_kind=stove) with windshield|(_kind=pot) aluminium|(_kind=pot) titanium|(_kind=lantern) rechargeable|(_kind=lantern) solar|(_kind=box) 24 l|(_kind=box) 36 l",
        },
        icon="bbq",
    ),
)
