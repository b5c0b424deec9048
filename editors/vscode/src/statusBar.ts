/** The item in the status bar. A click opens the menu of `menu.ts`. */

import * as vscode from 'vscode';
import type { Server } from './server';
import { statusText } from './statusText';

const colours = {
    none: undefined,
    warning: new vscode.ThemeColor('statusBarItem.warningBackground'),
    error: new vscode.ThemeColor('statusBarItem.errorBackground'),
};

export function showStatus(server: Server): vscode.Disposable {
    const item = vscode.window.createStatusBarItem('tracemend.status', vscode.StatusBarAlignment.Left, 10);
    item.name = 'tracemend';
    item.command = 'tracemend.showMenu';
    const draw = () => {
        const { text, tooltip, severity } = statusText(server.state, server.status);
        item.text = text;
        item.tooltip = tooltip;
        item.backgroundColor = colours[severity];
        const isPaused = server.status?.folders.some((one) => one.phase === 'paused') ?? false;
        void vscode.commands.executeCommand('setContext', 'tracemend.state', server.state);
        void vscode.commands.executeCommand('setContext', 'tracemend.paused', isPaused);
    };
    draw();
    item.show();
    return vscode.Disposable.from(item, server.onDidChange(draw));
}
