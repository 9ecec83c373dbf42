# ruff: noqa: E501 - a line of a title's or a text's grammar is one line
"""Dogs, cats, and smaller friends."""

from endcap.demo.shelf import ProductType

TYPES = (
    ProductType(
        "dog-food",
        "Pets > Dogs > Food",
        28,
        "_kind: dry 9-79, wet 6-25, treat 3-15",
        "Kibbleton | Pawsworth | Muddy Setter",
        """
        {brand} {kind} {taste} for {age} dogs, {weight}
        {taste} {kind} {grain} {weight}, {brand}
        {brand} {grain} {kind} with {taste}[, {weight}]
        """,
        """
        !(grain=no) Grain-free: potato and peas instead of wheat.
        (_kind=dry) Kibble of the size of a hazelnut.
        (_kind=wet) Chunks in broth, tin with a ring.
        (_kind=treat) Small enough to reward often.
        (age=puppy) Smaller bites and more calcium, until fifteen months.
        (age=senior) Fewer calories, kinder to joints.
        """,
        {
            "_kind": "dry=dry dog food~kibble|wet=wet dog food|treat=dog treats~dog biscuits",
            "_taste": "chicken|salmon|lamb|duck|beef",
            "grain": "yes|no",
            "_grain": "(grain=no) no=grain-free~without grain|(grain=yes) yes=",
            "age": "puppy=young|adult|senior=older",
            "weight": "(_kind=dry) 2 kg|(_kind=dry) 12 kg|(_kind=wet) 6 x 400 g|(_kind=wet) 800 g|(_kind=treat) 200 g|(_kind=treat) 500 g",
        },
        icon="bag2",
    ),
    ProductType(
        "cat-food",
        "Pets > Cats > Food",
        24,
        "_kind: dry 7-49, wet 4-29, treat 2-7",
        "Whiskerby | Kibbleton | Finch & Fin",
        """
        {brand} {kind} {taste} {grain}, {weight}
        {taste} {kind} for {age} cats, {brand}
        {grain} {kind} {brand} {weight} with {taste}
        """,
        """
        !(grain=no) Without grain, sugar or colour.
        (_kind=dry) Keeps teeth busy.
        (_kind=wet) Fine slices in jelly, portion by portion.
        (age=kitten) For the first year.
        (age=adult) For cats who know what they like.
        (age=neutered) Fewer calories for those who stay on the sofa.
        """,
        {
            "_kind": "dry=dry cat food|wet=wet cat food|treat=cat treats",
            "_taste": "tuna|chicken|rabbit|salmon|turkey",
            "grain": "yes|no",
            "_grain": "(grain=no) no=grain-free|(grain=yes) yes=",
            "age": "kitten=young|adult|neutered=neutered indoor",
            "weight": "(_kind=dry) 1.5 kg|(_kind=dry) 4 kg|(_kind=wet) 12 x 85 g|(_kind=wet) 400 g|(_kind=treat) 60 g",
        },
        icon="bag2",
    ),
    ProductType(
        "litter",
        "Pets > Cats > Litter",
        14,
        "_kind: clay 5-22, wood 5-22, tray 12-59",
        "Whiskerby | Klarwell | Finch & Fin",
        """
        {brand} {kind} {scent}, {volume}
        {scent} {kind} by {brand}[, {volume}]
        """,
        """
        !(scent=none) Without scent: cats prefer it.
        (_kind=clay) Clumps hard, dusts little.
        (_kind=wood) From spruce; goes on the compost.
        (_kind=tray) High rim and a hood, for cats that dig.
        """,
        {
            "_kind": "clay=clumping cat litter|wood=wooden cat litter|tray=litter tray~litter box",
            "scent": "none|(_kind!=tray) baby powder|none",
            "_scent": "(scent=none) none=unscented~fragrance-free|(scent=baby powder) baby powder scent",
            "volume": "(_kind!=tray) 6 l|(_kind!=tray) 10 l|(_kind!=tray) 20 l|(_kind=tray) 50 x 40 cm",
        },
        icon="box",
    ),
    ProductType(
        "pet-bed",
        "Pets > Beds and scratching posts",
        22,
        "_kind: bed 19-129, scratch 15-149, blanket 9-39, basket 19-79",
        "Pawsworth | Whiskerby: Perch # | Muddy Setter",
        """
        {brand} {kind} {size}, {colour}
        {colour} {kind} for {animal}s, {brand}
        {kind} {brand} [{size}] for {animal}s
        """,
        """
        (_kind=bed) Raised rim as a pillow; the cover goes into the machine.
        (_kind=scratch) Sisal as thick as a thumb; saves the sofa.
        (_kind=blanket) For the back seat and the sofa.
        (_kind=basket) Woven willow, creaks pleasantly.
        """,
        {
            "_kind": "bed=pet bed|scratch=scratching post~cat tree|blanket=pet blanket|basket=wicker basket",
            "_animal": "(_kind=scratch) cat|(_kind!=scratch) dog|(_kind!=scratch) cat",
            "size": "S|M|L|XL",
            "colour": "grey|beige|moss",
        },
        dear="size",
        icon="paw",
    ),
    ProductType(
        "dog-gear",
        "Pets > Dogs > Walking",
        28,
        "_kind: lead 7-45, collar 6-49, harness 12-69, coat 15-79",
        "Pawsworth | Muddy Setter: Heel | Trailhorn",
        """
        {brand} {kind} {size}, {colour}
        {colour} dog {kind} by {brand}[, {size}]
        {material} {kind} for dogs, {brand} {size}
        """,
        """
        (_kind=lead) Two metres, three rings; floats.
        (_kind=collar) Padded where it lies.
        (_kind=harness) Spreads the pull over the chest, not the throat.
        (_kind=coat) Waterproof, with a hole for the lead.
        Reflects headlights. Measure before you order.
        """,
        {
            "_kind": "lead=lead~leash|collar|harness|coat=raincoat",
            "material": "(_kind!=coat) leather|nylon|(_kind!=coat) rope",
            "size": "S|M|L",
            "colour": "red|black|teal|orange",
        },
        icon="paw",
    ),
    ProductType(
        "pet-toy",
        "Pets > Toys",
        20,
        "3-35",
        "Whiskerby | Pawsworth | Finch & Fin",
        """
        {brand} {kind} for {animal}s[, {colour}]
        {animal} toy: {kind}, {brand}
        {colour} {kind} {brand} ({animal} toy)
        """,
        """
        (_kind=mouse) Filled with catnip; no batteries, no receiver, no cable.
        (_kind=ball) Squeaks until it does not.
        (_kind=rope) For tugging; cleans teeth by the way.
        (_kind=tunnel) Rustles, folds flat, has a hole to ambush from.
        (_kind=feather) A rod, a cord, a feather, an hour gone.
        """,
        {
            "_kind": "mouse=felt mouse|ball=squeaky ball|rope=tug rope|feather=feather wand|tunnel=play tunnel",
            "_animal": "(_kind=mouse or feather or tunnel) cat|(_kind=ball or rope) dog",
            "colour": "grey|blue|red|rainbow",
        },
        icon="paw",
    ),
    ProductType(
        "bowl",
        "Pets > Bowls and feeders",
        18,
        "_kind: bowl 4-25, slow 7-19, fountain 19-79, feeder 35-129",
        "Pawsworth | Whiskerby | Pellimo",
        """
        {brand} {material} {kind} {volume}
        {kind} for {animal}s by {brand}, {volume}
        {material} {kind}[, {colour}], {brand}
        """,
        """
        (_kind=bowl) Rubber underneath, does not wander over the tiles.
        (_kind=slow) A maze that makes a greedy dog take ten minutes.
        (_kind=fountain) Running water, which cats think is better. Filter included.
        (_kind=feeder) Gives four meals while you are away.
        """,
        {
            "_kind": "bowl=food bowl|slow=slow feeder bowl|fountain=drinking fountain|feeder=automatic feeder",
            "_animal": "(_kind=slow) dog|(_kind!=slow) cat|(_kind!=slow) dog",
            "material": "(_kind=bowl or fountain) ceramic|(_kind=bowl or fountain) steel|(_kind!=bowl) plastic",
            "volume": "0.3 l~300 ml|0.8 l|2 l",
            "colour": "white|grey|mint",
        },
        icon="bowl",
    ),
    ProductType(
        "small-pet",
        "Pets > Small animals, birds and fish",
        22,
        "_kind: hay 4-15, cage 29-119, seed 3-25, house 9-49, aquarium 49-249, flakes 3-15",
        "Finch & Fin | Greenrill | Toftwood",
        """
        {brand} {kind} for {animal}
        {animal} {kind} {brand}[, {size}]
        {size} {kind} for {animal} by {brand}
        """,
        """
        (_kind=hay) From a meadow that is mown late.
        (_kind=cage) Bars close enough for a mouse; drawer below.
        (_kind=seed) No fillers, they only end up on the floor.
        (_kind=house) Flat roof to sit on, two doors to flee by.
        (_kind=flakes) Float for a minute, then sink slowly.
        (_kind=aquarium) Light, filter and pump in the hood. Fish not included.
        """,
        {
            "_kind": "hay=meadow hay|cage|seed=seed mix|house=wooden house|aquarium|flakes=food flakes",
            "_animal": "(_kind=hay or house) rabbits|(_kind=hay or house) guinea pigs|(_kind=cage or seed) budgies|(_kind=cage) mice and hamsters|(_kind=seed) wild birds|(_kind=aquarium or flakes) fish",
            "_size": "(_kind=hay or seed) 1 kg|(_kind=seed) 5 kg|(_kind=cage) 58 x 38 cm|(_kind=aquarium) 54 l|(_kind=aquarium) 112 l|(_kind=house) medium|(_kind=flakes) 250 ml",
        },
        icon="paw",
    ),
)
