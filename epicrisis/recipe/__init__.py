"""A recipe: a published system as data, one YAML file each, in `recipes/`.

A recipe names its parts and their settings, and says of each number where it stands in the paper, or that it is
ours. Sizes between parts are never written. All mistakes of a recipe are reported at once. Nothing here needs torch:
which parts and settings there are is given by the caller (`models.parts_and_settings`).
"""

from epicrisis.recipe.limits import BELOW, CHOICES, LABELLING, LEAST, MOST, ODD, TASKS
from epicrisis.recipe.reading import check_recipe, load_recipe, read_recipe, recipe_files
from epicrisis.recipe.sections import (
    FAMILIES,
    JointSettings,
    LinearSettings,
    Optimizer,
    Part,
    Parts,
    Passages,
    Recipe,
    Schedule,
    Settings,
    Training,
)

__all__ = [
    "BELOW",
    "CHOICES",
    "FAMILIES",
    "LABELLING",
    "LEAST",
    "MOST",
    "ODD",
    "TASKS",
    "JointSettings",
    "LinearSettings",
    "Optimizer",
    "Part",
    "Parts",
    "Passages",
    "Recipe",
    "Schedule",
    "Settings",
    "Training",
    "check_recipe",
    "load_recipe",
    "read_recipe",
    "recipe_files",
]
