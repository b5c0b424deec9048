/** Waiting for something that happens soon, in a world without a signal for it; and telling how it went. */

const pause_ms = 50;

/** Return the first value of `look` that is neither undefined nor false; fail with `what` when it takes too long. */
export async function until<T>(
    what: string,
    look: () => T | Promise<T>,
    limit_ms = 240_000,
): Promise<Exclude<NonNullable<T>, false>> {
    for (const start = Date.now(); Date.now() - start < limit_ms; ) {
        const found = await look();
        if (found !== undefined && found !== null && found !== false) {
            return found as Exclude<NonNullable<T>, false>;
        }
        await new Promise((resolve) => setTimeout(resolve, pause_ms));
    }
    throw new Error(`waited in vain for: ${what}`);
}

/** Return a list for `until`: undefined while there is nothing in it. */
export function nonEmpty<T>(found: T[]): T[] | undefined {
    return found.length > 0 ? found : undefined;
}

/** Print a line of the report; the mark tells it from what VS Code itself writes to the console. */
export function say(line: string): void {
    console.log(`REPORT:${line}`);
}
