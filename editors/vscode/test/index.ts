/** What VS Code's extension host loads: runs every suite with mocha. */

import { format } from 'node:util';
import Mocha from 'mocha';
import { say } from './waiting';

const timeout_ms = 300_000; // A story waits for tests to run and for a search, on a machine that may be busy.

export function run(): Promise<void> {
    const mocha = new Mocha({ ui: 'tdd', color: false, timeout: timeout_ms, reporter: 'spec', bail: true });
    Mocha.reporters.Base.consoleLog = (...parts) => say(format(...parts));
    mocha.suite.emit('pre-require', globalThis, '', mocha);
    require('./suites');
    return new Promise((resolve, reject) => {
        mocha.run((failures) => (failures > 0 ? reject(new Error(`${failures} failed`)) : resolve()));
    });
}
