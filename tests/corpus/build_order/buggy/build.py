"""Orders build tasks so that each one comes after those it needs."""


class Cycle(ValueError):
    """Some tasks wait for each other."""


def all_tasks(needs):
    """Every task that is mentioned, sorted."""
    return sorted(set(needs).union(*needs.values()))


def order(needs):
    """A list of all tasks; `needs` maps a task to those that come before it.

    Among tasks that are ready the alphabetical order decides. A cycle raises
    Cycle with the tasks that cannot be built.
    """
    waiting = {task: set(needs.get(task, ())) for task in all_tasks(needs)}
    result = []
    while True:
        ready = [task for task, open_needs in waiting.items() if not open_needs]
        if not ready:
            break
        task = ready[0]
        del waiting[task]
        result.append(task)
        for open_needs in waiting.values():
            open_needs.discard(task)
    return result


def can_build(needs):
    try:
        order(needs)
    except Cycle:
        return False
    return True
