"""A tool server on FastMCP, over stdio."""

from fastmcp import Context, FastMCP

server = FastMCP("notes")


@server.tool
async def work(steps: int, ctx: Context) -> dict[str, int]:
    """Says what it does, and how far it is."""
    for step in range(1, steps + 1):
        await ctx.info(f"step {step}")
        await ctx.report_progress(step, steps, f"{step} of {steps}")
    return {"steps": steps}


@server.tool
def fail(why: str) -> str:
    """Fails."""
    raise ValueError(why)


@server.resource("notes://today")
def today() -> str:
    """What is to be done today."""
    return "nothing"


@server.prompt
def ask(about: str) -> str:
    """A question."""
    return f"What about {about}?"


server.run(show_banner=False)
