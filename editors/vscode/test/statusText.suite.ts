import * as assert from 'node:assert';
import type { FolderStatus, ServerStatus } from '../src/protocol';
import type { ServerState } from '../src/server';
import { statusText } from '../src/statusText';

const folder: FolderStatus = {
    uri: 'file:///shop', name: 'shop', trusted: true, phase: 'idle', health: 'ok', message: 'says this', passed: 3,
    failed: 0, stale: 0, running: 0, repairable: 0, searching: [],
};

function status(...folders: Partial<FolderStatus>[]): ServerStatus {
    const all = folders.map((one) => ({ ...folder, ...one }));
    return { health: all.find((one) => one.health !== 'ok')?.health ?? 'ok', quiescent: true, message: '', folders: all };
}

suite('the status bar', () => {
    const cases: [string, ServerStatus | undefined, string][] = [
        ['nothing known', undefined, '$(beaker) tracemend'],
        ['all is well', status({}), '$(check) 3 passed'],
        ['running', status({ phase: 'running', running: 12, failed: 1 }), '$(sync~spin) running 12'],
        ['starting', status({ phase: 'starting', passed: 0 }), '$(sync~spin) tracemend'],
        ['failing', status({ failed: 2 }), '$(error) 2 failing'],
        ['searching', status({ failed: 2, searching: ['a'] }), '$(error) 2 failing $(search) searching'],
        ['mended', status({ failed: 2, repairable: 1 }), '$(error) 2 failing $(lightbulb) 1'],
        ['paused', status({ phase: 'paused' }), '$(debug-pause) tracemend: paused'],
        ['untrusted', status({ trusted: false, health: 'error' }), '$(shield) tracemend: not trusted'],
        ['broken', status({ health: 'error' }), '$(error) tracemend'],
        ['two folders', status({ failed: 1 }, { failed: 2 }), '$(error) 3 failing'],
    ];
    for (const [name, known, text] of cases) {
        test(name, () => assert.strictEqual(statusText('running', known).text, text));
    }

    const states: [ServerState, string][] = [['missing', 'warning'], ['failed', 'error'], ['starting', 'none']];
    for (const [state, severity] of states) {
        test(`a server that is ${state}`, () => assert.strictEqual(statusText(state, undefined).severity, severity));
    }

    test('what the user does not trust is no error', () => {
        assert.strictEqual(statusText('running', status({ trusted: false, health: 'error' })).severity, 'none');
    });

    test('the tooltip has a line for each folder', () => {
        assert.strictEqual(statusText('running', status({}, { name: 'bank' })).tooltip, 'shop: says this\nbank: says this');
    });
});
