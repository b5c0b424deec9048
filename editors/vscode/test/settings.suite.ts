import * as assert from 'node:assert';
import * as vscode from 'vscode';
import { serverSettings, writtenSettings } from '../src/settings';

suite('the settings', () => {
    const { packageJSON } = vscode.extensions.getExtension('tracemend.tracemend')!;
    const names = serverSettings(packageJSON);
    const configuration = () => vscode.workspace.getConfiguration('tracemend');

    teardown(() => configuration().update('runOn', undefined, vscode.ConfigurationTarget.Workspace));

    test("those of the server are sent, the extension's own are not", () => {
        assert.ok(names.includes('runOn'));
        assert.deepStrictEqual(names.filter((name) => name.includes('.')), []);
    });

    test('defaults are not sent, because they would override pyproject.toml', () => {
        assert.strictEqual(configuration().get('runOn'), 'save');
        assert.deepStrictEqual(writtenSettings(names), {});
    });

    test('what somebody wrote down is sent', async () => {
        await configuration().update('runOn', 'request', vscode.ConfigurationTarget.Workspace);
        assert.deepStrictEqual(writtenSettings(names), { runOn: 'request' });
    });
});
