"""Claims about training: learning rate, optimizer, batch size, augmentation, scaling, colour, precision."""

from cnnlab.experiments.experiment import Experiment
from cnnlab.experiments.ready.layers import FEW, on_digits
from cnnlab.experiments.ready.networks import two_blocks
from cnnlab.languages import texts
from cnnlab.runs.races import Arm
from cnnlab.settings import RunConfig

_NETWORK = two_blocks("two-blocks", "Two blocks")

SHUFFLE = Experiment(
    name="shuffle",
    title="Shuffled, or sorted by class",
    claim="Training images that come sorted by class train much worse than shuffled ones.",
    claimed_by="Bengio, 2012, section 3.1; LeCun et al., 1998, Efficient BackProp, section 4.2",
    paper="https://arxiv.org/abs/1206.5533",
    arms=(
        Arm("shuffled", on_digits(_NETWORK, epochs=6)),
        Arm("sorted by class", on_digits(_NETWORK, epochs=6, shuffle=False, sort_by_class=True)),
    ),
    better="shuffled",
    worse="sorted by class",
    look_for="The two losses of the sorted side: low in training, within one class, and high in validation.",
    lesson=(
        "A batch with one class says only: answer this class. The last class of an epoch is the freshest, "
        "and the others are forgotten again. In a shuffled batch the gradients of all classes are averaged."
    ),
)

LEARNING_RATE = Experiment(
    name="learning-rate",
    title="Learning rate too small, right, too large",
    claim="A learning rate a thousand times smaller learns much less in the same number of epochs.",
    claimed_by="Every course; Bengio, 2012: the single most important hyperparameter",
    paper="https://arxiv.org/abs/1206.5533",
    arms=tuple(
        Arm(label, on_digits(_NETWORK, optimizer="sgd", learning_rate=rate))
        for label, rate in (("0.0001", 0.0001), ("0.1", 0.1), ("3", 3.0))
    ),
    better="0.1",
    worse="0.0001",
    look_for="The loss of the largest rate: does it fall at all?",
    lesson=(
        "Too small a rate walks too slowly; too large a one jumps over the valley, and the network ends at "
        "chance. The range test of the Train page finds the place between."
    ),
)

OPTIMIZERS = Experiment(
    name="optimizers",
    title="SGD, momentum, Nesterov, RMSprop, Adam, Adadelta, Adagrad",
    claim="Adam learns faster than plain gradient descent, each at its usual learning rate.",
    claimed_by="Kingma and Ba, 2015",
    paper="https://arxiv.org/abs/1412.6980",
    arms=(
        Arm("SGD", on_digits(_NETWORK, optimizer="sgd", learning_rate=0.01, epochs=6)),
        Arm("momentum 0.9", on_digits(_NETWORK, optimizer="sgd", learning_rate=0.01, momentum=0.9, epochs=6)),
        Arm(
            "Nesterov 0.9",
            on_digits(_NETWORK, optimizer="sgd", learning_rate=0.01, momentum=0.9, nesterov=True, epochs=6),
        ),
        *(
            Arm(label, on_digits(_NETWORK, optimizer=name, learning_rate=None, epochs=6))
            for label, name in (
                ("RMSprop", "rmsprop"),
                ("Adam", "adam"),
                ("Adadelta", "adadelta"),
                ("Adagrad", "adagrad"),
            )
        ),
    ),
    better="Adam",
    worse="SGD",
    look_for="Adadelta and Adagrad at Keras's default rate of 0.001: their papers use 1 and 0.01.",
    lesson=(
        "An optimizer is not fast or slow by itself: each has a rate that suits it. Keras's default rate of "
        "0.001 suits Adam and RMSprop, and is a thousand times below what Adadelta's paper uses."
    ),
    measure="accuracy",
)

BATCH_SIZE = Experiment(
    name="batch-size",
    title="Batches of 2, 32 and 256 images",
    claim="With the same epochs and the same rate, large batches learn less: there are fewer steps.",
    claimed_by="Keskar et al., 2017; Goyal et al., 2017",
    paper="https://arxiv.org/abs/1609.04836",
    arms=tuple(
        Arm(label, on_digits(_NETWORK, batch_size=size, epochs=6))
        for label, size in texts((("batch of 2", 2), ("batch of 32", 32), ("batch of 256", 256)))
    ),
    better="batch of 32",
    worse="batch of 256",
    look_for="The axis of seconds: small batches take far longer for an epoch.",
    lesson=(
        "An epoch of 1,438 images is 719 steps of 2, or 6 steps of 256. Fewer steps move the weights less. "
        "With a rate that grows with the batch, large batches keep up."
    ),
)

AUGMENTATION = Experiment(
    name="augmentation",
    title="Augmentation or none, on few images",
    claim="Random shifts, rotation and zoom raise the validation accuracy of a small training set.",
    claimed_by="Krizhevsky, Sutskever and Hinton, 2012; every course",
    paper="https://papers.nips.cc/paper/2012/hash/c399862d3b9d6b76c8436e924a68c45b-Abstract.html",
    arms=(
        Arm("no augmentation", on_digits(_NETWORK, validation_fraction=FEW, epochs=40)),
        Arm(
            "augmentation",
            on_digits(
                _NETWORK,
                validation_fraction=FEW,
                epochs=40,
                augmentation={"rotation": 10.0, "zoom": 0.1, "shift_x": 0.1, "shift_y": 0.1},
            ),
        ),
    ),
    better="augmentation",
    worse="no augmentation",
    look_for="Training accuracy falls while validation accuracy rises.",
    lesson=(
        "Each epoch shows other versions of the same images, so the network cannot memorise them. What the "
        "change does must not change the class: a 6 that is turned over is a 9."
    ),
)

SCALING = Experiment(
    name="scaling",
    title="Pixels from 0 to 255, or scaled",
    claim="Unscaled pixels make training slower and less accurate.",
    claimed_by="LeCun et al., 1998, Efficient BackProp",
    paper="https://doi.org/10.1007/3-540-49430-8_2",
    arms=(
        Arm(
            "0 to 255",
            on_digits(_NETWORK, mean=(0.0,), std=(1.0,), optimizer="sgd", learning_rate=0.01),
        ),
        Arm("0 to 1", on_digits(_NETWORK, optimizer="sgd", learning_rate=0.01)),
        Arm(
            "mean 0, std 1",
            on_digits(_NETWORK, scaling="dataset", optimizer="sgd", learning_rate=0.01),
        ),
    ),
    better="mean 0, std 1",
    worse="0 to 255",
    look_for="The first loss: with large inputs it starts far above ln 10 = 2.30.",
    lesson=(
        "Inputs 255 times as large give gradients that are larger as well, so a rate that is right for "
        "scaled pixels is far too large. An input around 0 lets weights of both signs learn alike."
    ),
)

COLOUR = Experiment(
    name="gray-or-colour",
    title="Gray or colour",
    claim="Colour helps to tell drawn gestures apart.",
    claimed_by="A question of the AlexNet course, which converts its photographs to gray",
    paper="",
    arms=tuple(
        Arm(
            label,
            RunConfig(
                "baseline",
                "gestures_drawn",
                channels=channels,
                image_size=32,
                epochs=8,
                learning_rate=0.001,
                max_per_class=300,
            ),
        )
        for label, channels in texts((("gray", 1), ("colour", 3)))
    ),
    better="colour",
    worse="gray",
    look_for="The two validation curves beside the spread of the seeds.",
    lesson=(
        "A gesture is a shape; skin and room have colours that change from drawing to drawing. Colour is "
        "worth its parameters where it tells classes apart, as with traffic lights or fruit."
    ),
)

PRECISION = Experiment(
    name="mixed-precision",
    title="float32 or mixed precision",
    claim="16-bit arithmetic with float32 weights reaches the same accuracy.",
    claimed_by="Micikevicius et al., 2018",
    paper="https://arxiv.org/abs/1710.03740",
    arms=tuple(
        Arm(label, on_digits(_NETWORK, precision=word, epochs=8))
        for label, word in (("float32", "float32"), (texts("mixed"), "mixed"))
    ),
    better="mixed",
    worse="float32",
    look_for="The axis of seconds, too: without tensor cores 16 bits are no faster.",
    lesson=(
        "Gradients in float16 would vanish below 6·10⁻⁸, so the loss is multiplied before the backward pass "
        "and the weights stay in float32. The gain in speed needs a GPU that has such arithmetic."
    ),
    margin=0.01,
)

WEIGHT_AVERAGING = Experiment(
    name="weight-averaging",
    title="Weight averaging, or the last weights",
    claim="At a constant rate the moving average of the weights is more accurate than the last weights.",
    claimed_by="Polyak and Juditsky, 1992; Izmailov et al., 2018",
    paper="https://arxiv.org/abs/1803.05407",
    arms=tuple(
        Arm(
            label,
            on_digits(_NETWORK, learning_rate=0.005, batch_size=8, epochs=8, ema_momentum=momentum),
        )
        for label, momentum in texts((("last weights", None), ("averaged weights", 0.99)))
    ),
    better="averaged weights",
    worse="last weights",
    look_for="How much steadier the averaged curve is, and that it begins later.",
    lesson=(
        "At a constant rate the weights keep moving around a minimum. Their mean lies nearer to its middle. "
        "A falling learning rate has much the same effect, so the two add up to little."
    ),
)

SPLIT = Experiment(
    name="split-by-person",
    title="Split at random, or by person",
    claim="With frames of the same people in both parts the validation accuracy is too high.",
    claimed_by="Kapoor and Narayanan, 2023 (data leakage)",
    paper="https://doi.org/10.1016/j.patter.2023.100804",
    arms=tuple(
        Arm(
            label,
            RunConfig(
                "baseline",
                "gestures_drawn_people",
                image_size=32,
                epochs=10,
                learning_rate=0.001,
                split_by=way,
            ),
        )
        for label, way in ((texts("at random"), "random"), (texts("by person"), "group"))
    ),
    better="at random",
    worse="by person",
    look_for="The training curves are alike. Only what is asked of the network differs.",
    lesson=(
        "Frames of one person are near-duplicates, so a random split asks what the network has seen already. "
        "Whoever will use it was not filmed: people who are in no training image are the honest question."
    ),
)


def _on_few_drawings(network: str, **options: str | int) -> RunConfig:
    return RunConfig(
        network,
        "gestures_drawn",
        options=options,
        image_size=64,
        channels=3,
        epochs=12,
        learning_rate=0.001,
        max_per_class=60,
        batch_size=8,
        validation_fraction=0.5,
    )


TRANSFER = Experiment(
    name="transfer",
    title="From scratch, frozen base, fine-tuned",
    claim="On few images a base that was trained on ImageNet beats a small network from scratch.",
    claimed_by="Yosinski et al., 2014; course on transfer learning",
    paper="https://arxiv.org/abs/1411.1792",
    arms=(
        Arm("from scratch", _on_few_drawings("baseline")),
        Arm("frozen base", _on_few_drawings("mobilenetv2_transfer", unfreeze_blocks=0)),
        Arm("fine-tuned", _on_few_drawings("mobilenetv2_transfer", unfreeze_blocks=4)),
    ),
    better="fine-tuned",
    worse="from scratch",
    look_for="The axis of seconds, too: the frozen base sees each image once, its head trains in no time.",
    lesson=(
        "Edges and textures are much the same in all images, and a million photographs teach them better "
        "than ninety drawings. Fine-tuning changes the last layers of the base for the new images. What "
        "learns from scratch is the small baseline."
    ),
)

EQUAL_COST = Experiment(
    name="lenet5-to-resnet18",
    title="LeNet-5, Inception10, ResNet-18: equal epochs, seconds, MACs",
    claim="After the same training time ResNet-18 is more accurate than LeNet-5.",
    claimed_by="He et al., 2015, after equal iterations; Canziani et al., 2016, asked what accuracy costs",
    paper="https://arxiv.org/abs/1605.07678",
    arms=tuple(
        Arm(
            label,
            RunConfig(
                name,
                "digits",
                image_size=16,
                channels=1,
                epochs=epochs,
                max_per_class=60,
                batch_size=16,
                learning_rate=0.002,
            ),
        )
        for label, name, epochs in (
            ("LeNet-5", "lenet5", 60),
            ("Inception10", "inception10", 12),
            ("ResNet-18", "resnet18", 3),
        )
    ),
    better="ResNet-18",
    worse="LeNet-5",
    look_for="All three axes. The line under the chart says how the sides stand at the same cost.",
    lesson=(
        "Which network is best depends on what is held equal. One epoch of ResNet-18 takes more arithmetic "
        "than all epochs of LeNet-5 together, so there is nothing to compare at equal MACs. A device does "
        "many MACs at once, so seconds differ less than MACs."
    ),
    equal="seconds",
)

NETWORKS = Experiment(
    name="networks",
    title="Baseline, LeNet-5, Inception10 at equal epochs",
    claim="Inception10 is more accurate than one convolutional layer after the same number of epochs.",
    claimed_by="Szegedy et al., 2014; course on five classic networks",
    paper="https://arxiv.org/abs/1409.4842",
    arms=tuple(
        Arm(
            label,
            RunConfig(
                name, "gestures_drawn", image_size=32, epochs=8, learning_rate=0.002, max_per_class=300
            ),
        )
        for label, name in (
            (texts("baseline"), "baseline"),
            ("LeNet-5", "lenet5"),
            ("Inception10", "inception10"),
        )
    ),
    better="Inception10",
    worse="baseline",
    look_for=(
        "Change the axis to seconds and to MACs: more arithmetic for each image, and still the better one?"
    ),
    lesson=(
        "The baseline sees 6 × 6 pixels, Inception10 51 × 51: a hand is larger than what the first one can "
        "see. LeNet-5 as taught has sigmoid units, and learns slowly."
    ),
)

ALL = (
    SHUFFLE,
    LEARNING_RATE,
    OPTIMIZERS,
    BATCH_SIZE,
    SCALING,
    AUGMENTATION,
    WEIGHT_AVERAGING,
    SPLIT,
    TRANSFER,
    COLOUR,
    PRECISION,
    NETWORKS,
    EQUAL_COST,
)
"""In the order of a course."""
