"""Choosing vLLM's model runner for this process, which must be done before vLLM is imported.

V2 wants a Triton that compiles for CPUs, which is in no index. Triton's own interpreter is enough for a test: vLLM only
looks whether there is a backend of that name. The interpreter takes masks for loads and stores that are not boolean as
they are, which a grammar's are not.
"""

from __future__ import annotations

import os
from typing import Any

RUNNER_VARIABLE = "TRACEMEND_VLLM_RUNNER"


def prepare_runner() -> str:
    """Set up the runner that the environment names, V1 by default, and return its name."""
    runner = os.environ.get(RUNNER_VARIABLE, "v1")
    os.environ.update(
        VLLM_ENABLE_V1_MULTIPROCESSING="0",
        VLLM_USE_V2_MODEL_RUNNER=str(int(runner == "v2")),
        VLLM_NO_USAGE_STATS="1",
        VLLM_CPU_KVCACHE_SPACE="1",
        VLLM_CPU_OMP_THREADS_BIND="nobind",
        HF_HUB_OFFLINE="1",
        OMP_NUM_THREADS="1",
    )
    if runner == "v2":
        os.environ["TRITON_INTERPRET"] = "1"
        _offer_a_cpu_backend()
        _accept_masks_of_numbers()
    return runner


def _offer_a_cpu_backend() -> None:
    from triton import backends

    class Driver:
        @staticmethod
        def is_active() -> bool:
            return True

    backends.backends["cpu"] = backends.Backend(compiler=None, driver=Driver)


def _accept_masks_of_numbers() -> None:
    import numpy as np
    from triton.runtime import interpreter

    def accepting(method: Any, mask_at: int) -> Any:
        def accept(self: Any, *values: Any) -> Any:
            mask = values[mask_at]
            if mask is not None and mask.data.dtype != np.bool_:
                mask.data = mask.data.astype(np.bool_)
            return method(self, *values)

        return accept

    builder = interpreter.InterpreterBuilder
    builder.create_masked_load = accepting(builder.create_masked_load, 1)
    builder.create_masked_store = accepting(builder.create_masked_store, 2)
