"""The virtual clock."""

import asyncio
import time

import pytest

from understudy.simulate.virtual_loop import run_virtual


def test_a_sleep_of_an_hour_takes_no_time_and_moves_the_clock():
    """Sleeping moves the loop's clock by exactly the seconds slept."""

    async def main() -> float:
        await asyncio.gather(*(asyncio.sleep(3600 * n) for n in range(1, 25)))
        return asyncio.get_running_loop().time()

    assert run_virtual(main()) == pytest.approx(24 * 3600)


def test_timeouts_fire_in_order_of_their_deadline():
    """A timeout that ends before a sleep wins, at its own instant."""

    async def main() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await asyncio.sleep(6)
        return asyncio.get_running_loop().time()

    assert run_virtual(main()) == pytest.approx(5)


def test_the_clock_stands_still_while_a_thread_works():
    """A worker thread takes real time, during which no timer may jump ahead."""

    async def main() -> list[str]:
        order: list[str] = []

        async def timer() -> None:
            await asyncio.sleep(0.2)
            order.append("timer")

        async def thread() -> None:
            await asyncio.to_thread(time.sleep, 0.05)
            order.append("thread")

        await asyncio.gather(timer(), thread())
        return order

    assert run_virtual(main()) == ["thread", "timer"]


def test_a_deadlock_is_an_error_instead_of_a_hang():
    """Waiting for what nothing will ever do is reported at once."""

    async def main() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(RuntimeError, match="deadlock"):
        run_virtual(main())
