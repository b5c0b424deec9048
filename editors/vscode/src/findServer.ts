/**
 * Finding the server: the setting, else a Python that has tracemend, else the search path.
 *
 * An interpreter of the workspace is code of the workspace. Therefore callers hand over interpreters of trusted
 * workspaces alone, and all of them are asked with `-P`, so that a folder called `tracemend` is not taken for us.
 */

import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import * as path from 'node:path';

/** How the server is started, and in words where it was found. */
export interface ServerCommand {
    readonly command: string;
    readonly args: readonly string[];
    readonly origin: string;
}

export interface Places {
    /** The value of `tracemend.server.path`; empty where it is not set. */
    readonly setting: string;
    /** Interpreters to ask, the most wanted first. */
    readonly interpreters: readonly string[];
    /** The environment variable PATH. */
    readonly searchPath: string;
}

const probeTime_ms = 20_000;
const startServer = 'from tracemend.server.cli.main import main; main()';
const isWindows = process.platform === 'win32';

/** Return the first command that is there, undefined where tracemend is not installed. */
export async function findServer(places: Places): Promise<ServerCommand | undefined> {
    if (places.setting) {
        return { command: places.setting, args: ['lsp'], origin: 'the setting tracemend.server.path' };
    }
    for (const python of places.interpreters) {
        if (await hasServer(python)) {
            return { command: python, args: ['-P', '-c', startServer, 'lsp'], origin: `the interpreter ${python}` };
        }
    }
    const program = await findProgram(places.searchPath, 'tracemend');
    return program === undefined ? undefined : { command: program, args: ['lsp'], origin: 'the search path' };
}

/** Return the program's full path on the search path; relative entries, which anybody can fill, do not count. */
export async function findProgram(searchPath: string, name: string): Promise<string | undefined> {
    for (const folder of searchPath.split(path.delimiter).filter(path.isAbsolute)) {
        const candidate = path.join(folder, isWindows ? `${name}.exe` : name);
        if (await isExecutable(candidate)) {
            return candidate;
        }
    }
    return undefined;
}

/** Return where the interpreter of a virtual environment stands. */
export function interpreterIn(environment: string): string {
    return isWindows ? path.join(environment, 'Scripts', 'python.exe') : path.join(environment, 'bin', 'python');
}

export async function isExecutable(file: string): Promise<boolean> {
    return access(file, constants.X_OK).then(
        () => true,
        () => false,
    );
}

/** Say whether tracemend can be imported there. A Python too old to know `-P` is too old for tracemend. */
function hasServer(python: string): Promise<boolean> {
    return new Promise((resolve) => {
        const script = 'import importlib.util as u, sys; sys.exit(u.find_spec("tracemend.server") is None)';
        execFile(python, ['-P', '-c', script], { timeout: probeTime_ms }, (error) => resolve(error === null));
    });
}
