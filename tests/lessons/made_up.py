"""A small lesson that tests work with, and parts of it to replace."""

from pathlib import Path

FRONT = """+++
title = "A short lesson"
minutes = 10
needs = ["training"]
goals = ["say what a pixel is", "train a network"]
[without]
training = "Look at a run that is there."
+++
"""
STEPS = """
What an image is, and how a network learns it.

## Zoom into the pixels

page: concepts?concept=image&image=digits-3&across=8
minutes: 3

**Do.** Drag the window, see [convolution](concepts?concept=convolution).

**Look for.** Dark pixels have small numbers.

> **Question.** How many numbers has an image of 8 × 8 gray pixels?
>
> **Answer.** 64: 8 × 8.

## Slide a kernel

page: concepts?concept=convolution&kernel=laplacian&play=4
minutes: 3

**Do.** Press play.

> **Question.** What does it find?
> **Answer.** Edges.

And then:

> **Question.** In which direction?
>
> **Answer.** In all.

## Talk about it

minutes: 1

No page belongs to this.

## Bet on dropout

minutes: 3
bet: dropout

**Do.** Bet.
"""
LESSON = FRONT + STEPS


def written(folder: Path, text: str = LESSON, name: str = "01-a-short-lesson.md") -> Path:
    """Write a lesson into a folder, made when missing."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
