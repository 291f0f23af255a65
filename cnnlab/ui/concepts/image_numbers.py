"""An image is numbers: pixels, channels, and gray as a weighted sum."""

from cnnlab.ui.concepts.concept import Concept

CONCEPT = Concept(
    name="image",
    title="An image is numbers",
    idea="A colour image is three tables of whole numbers from 0 to 255: red, green and blue.",
    formula=r"Y = 0.299\,R + 0.587\,G + 0.114\,B",
    terms=(
        "A **pixel** is one place of the image; it has one number for each channel.",
        "A **channel** is one table: how much red, green or blue each pixel has.",
        "**Gray** $Y$ is a weighted sum of the three, here with the weights of ITU-R BT.601: "
        "the eye sees green brightest.",
        "**uint8**: whole numbers from 0 to 255 (8 bits each), as a decoded image file has them.",
        "**[0, 1]**: the same numbers divided by 255, as networks usually take them.",
    ),
    image="gestures_drawn-0",
    side=224,
    occurs=lambda row: row.type == "InputLayer",
)
