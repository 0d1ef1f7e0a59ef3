"""A robot picker: works the queue through the real Picker API, so that orders are seen to live."""

from app.sandbox.robot.run import run
from app.sandbox.robot.temper import Temper

__all__ = ["Temper", "run"]
