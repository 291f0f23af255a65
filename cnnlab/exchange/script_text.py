"""The text of train.py, in the order in which it is read; what is in braces is filled in by ``script``."""

HEAD = '''"""{title}: trains {architecture} as CNN Lab did, on the same images in the same order.

    pip install {packages}
    python train.py {data}

{list} from the same export lies beside this script. It names the images, their classes and their parts.
{notes}
"""

{imports}

CLASSES = {classes}
HEIGHT, WIDTH, CHANNELS = {shape}
SEED, BATCH_SIZE = {seed}, {batch_size}
MEAN, STD = np.float32({mean}), np.float32({std})  # in pixel units, 0 to 255
RATES = {rates}  # the learning rate of each epoch
{white}{augmentation}LIST = Path(__file__.removesuffix("train.py") + "{list}")
'''

NETWORK = '''{own}

def network():
    """Return the network, compiled."""
{body}
    return model


'''

FILES = '''@cache
def files():
    """Return the names of all files in the folder or ZIP, and a function that reads one."""
    place = Path(sys.argv[1])
    if zipfile.is_zipfile(place):
        archive = zipfile.ZipFile(place)
        return set(archive.namelist()), archive.read
    names = {{path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}}
    return names, lambda name: (place / name).read_bytes()


def digest(data):
    return hashlib.sha256(data).hexdigest()[:16]


@cache
def names_by_digest():
    names, read = files()
    return {{digest(read(name)): name for name in names}}


def content(row):
    """Return the file of a row: at its place, or wherever the file with the same content is now."""
    names, read = files()
    data = read(row["file"]) if row["file"] in names else b""
    if row["digest"] in ("", digest(data)):
        return data
    if row["digest"] not in names_by_digest():
        sys.exit(f"{{sys.argv[1]}} does not hold {{row['file']}}, which the run was trained on.")
    return read(names_by_digest()[row["digest"]])


def load(part):
    """Return the images of a part as uint8 (N, HEIGHT, WIDTH, CHANNELS), and their labels (N,)."""
    with LIST.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["part"] == part]
{sort}    images = np.empty((len(rows), HEIGHT, WIDTH, CHANNELS), np.uint8)
    for number, row in enumerate(rows):
        image = recolour(decode(content(row), row["file"]{white}), CHANNELS)
        images[number] = resize(image, (HEIGHT, WIDTH), resample={resample!r}, resize_mode={resize_mode!r})
    return images, np.array([CLASSES.index(row["class"]) for row in rows])


def scaled(images):
    return (images - MEAN) / STD
'''

AUGMENTED = '''

def augmentation_of(epoch, count):
    """Return a function that changes the images with these numbers as this epoch sees them."""
    draws = image_draws(SEED, epoch, count)
    return lambda images, numbers: Augmentation(**AUGMENTATION).apply(images, draws[numbers])
'''

EPOCH_AUGMENTATION = "        augmented = augmentation_of(epoch, len(images))\n"

ONE_OF_COPIES = '''

def augmentation_of(epoch, count):
    """Return a function that gives one of {copies} copies of an image, the first as it is.

    The frozen base saw only these.
    """
    copy = image_copies(SEED, epoch, count, {copies})
    draws = np.stack([image_draws(SEED, number, count) for number in range({copies})])

    def augmented(images, numbers):
        changed = Augmentation(**AUGMENTATION).apply(images, draws[copy[numbers], numbers])
        return np.where(copy[numbers, None, None, None] == 0, images, changed)

    return augmented
'''

STATISTICS = '''

class MeasuredStatistics(keras.callbacks.Callback):
    """Lets batch norm normalise with mean and variance of the training images when it is asked.

    Keras's running averages need hundreds of steps to come near them; training goes on with them as ever.
    """

    def __init__(self, images):
        super().__init__()
        chosen = np.random.default_rng((SEED, 0, 1)).permutation(len(images))[:{count}]
        self.batches = np.split(images[chosen], {batches})

    def on_test_begin(self, logs=None):
        kinds = keras.layers.BatchNormalization
        self.norms = [layer for layer in self.model.layers if type(layer) is kinds and layer.trainable]
        self.running = averages(self.norms)
        self.measured = self.measure()
        put(self.norms, self.measured)

    def on_test_end(self, logs=None):
        put(self.norms, self.running)

    def on_train_end(self, logs=None):
        put(self.norms, self.measured)  # the saved network keeps them

    def measure(self):
        """Return (mean, variance) of what each batch norm meets, dropout and noise being off."""
        names = ("momentum", "rate", "stddev")  # with momentum 0 the averages are those of one batch
        kept = [(layer, name, getattr(layer, name, None)) for layer in self.model.layers for name in names]
        kept = [(layer, name, value) for layer, name, value in kept if value]
        for layer, name, _ in kept:
            setattr(layer, name, 0.0)
        met = []
        for batch in self.batches:
            self.model(scaled(batch), training=True)
            met.append(averages(self.norms))
        for layer, name, value in kept:
            setattr(layer, name, value)
        return [of_all(*map(np.array, zip(*batches))) for batches in zip(*met)]


def of_all(means, variances):
    """Return mean and variance of all images from those of equal batches, (batches, channels)."""
    mean = means.mean(0)
    return mean, np.maximum((variances + means**2).mean(0) - mean**2, 0)


def averages(norms):
    return [(np.float64(norm.moving_mean), np.float64(norm.moving_variance)) for norm in norms]


def put(norms, statistics):
    for norm, (mean, variance) in zip(norms, statistics):
        norm.moving_mean.assign(mean)
        norm.moving_variance.assign(variance)
'''

TRAIN = '''

def batches(images, labels):
    """Yield the batches of all epochs; their order follows from the seed and the epoch."""
    for epoch in range(len(RATES)):
        order = {order}
{augmentation}        for start in range(0, len(order), BATCH_SIZE):
            chosen = order[start : start + BATCH_SIZE]
            yield scaled({batch}), labels[chosen]


def main():
    if len(sys.argv) != 2 or not LIST.exists():
        sys.exit(f"python train.py {data}, with {{LIST.name}} beside train.py")
    keras.utils.set_random_seed(SEED)
    model = network()
    x_train, y_train = load("train")
    x_validation, y_validation = load("validation")
    print(f"{{len(x_train)}} training and {{len(x_validation)}} validation images, {{len(CLASSES)}} classes")
    history = model.fit(
        batches(x_train, y_train),
        steps_per_epoch=-(-len(x_train) // BATCH_SIZE),
        epochs=len(RATES),
        shuffle=False,  # the batches come in their order already
        validation_data=(scaled(x_validation), y_validation),
        callbacks=[
            keras.callbacks.LearningRateScheduler(lambda epoch: RATES[epoch]){and_average}{and_measure}
        ],
    )
    model.save("trained.keras")
    return model, history


# From here on: CNN Lab's own functions that read {and_augment}images, copied so that none looks different.

{copied}

if __name__ == "__main__":
    main()
'''
