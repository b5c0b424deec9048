/**
 * Files that exist only here: proposed texts, and pages in Markdown.
 *
 * A file system of our own rather than a `TextDocumentContentProvider`, because the Markdown preview watches the file it
 * shows, which VS Code reports as an error where there is no file system to watch.
 */

import * as vscode from 'vscode';

const markdownPreview = 'vscode.markdown.preview.editor';

/** Show a page of Markdown rendered, and leave the focus where it is. */
export async function showRendered(page: vscode.Uri, viewColumn: vscode.ViewColumn): Promise<void> {
    const options: vscode.TextDocumentShowOptions = { viewColumn, preserveFocus: true };
    await vscode.commands.executeCommand('vscode.openWith', page, markdownPreview, options);
}

interface File {
    readonly bytes: Uint8Array;
    readonly mtime: number;
}

export class VirtualFiles implements vscode.FileSystemProvider, vscode.Disposable {
    static readonly scheme = 'tracemend-view';
    readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
    readonly onDidChangeFile = this.#changed.event;
    readonly #files = new Map<string, File>();
    readonly #registration: vscode.Disposable;

    constructor() {
        this.#registration = vscode.workspace.registerFileSystemProvider(VirtualFiles.scheme, this, { isReadonly: true });
    }

    dispose(): void {
        vscode.Disposable.from(this.#registration, this.#changed).dispose();
    }

    /** Return the URI of a file that holds `text`. The path is what tabs show of it. */
    put(path: string, text: string): vscode.Uri {
        const uri = vscode.Uri.from({ scheme: VirtualFiles.scheme, path });
        this.#files.set(uri.path, { bytes: new TextEncoder().encode(text), mtime: Date.now() });
        this.#changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
        return uri;
    }

    stat(uri: vscode.Uri): vscode.FileStat {
        const { bytes, mtime } = this.#file(uri);
        return { type: vscode.FileType.File, ctime: mtime, mtime, size: bytes.length };
    }

    readFile(uri: vscode.Uri): Uint8Array {
        return this.#file(uri).bytes;
    }

    watch(): vscode.Disposable {
        return new vscode.Disposable(() => undefined); // Every change is told anyway.
    }

    readDirectory(): [string, vscode.FileType][] {
        return [];
    }

    createDirectory(uri: vscode.Uri): void {
        throw vscode.FileSystemError.NoPermissions(uri);
    }

    writeFile(uri: vscode.Uri): void {
        throw vscode.FileSystemError.NoPermissions(uri);
    }

    delete(uri: vscode.Uri): void {
        throw vscode.FileSystemError.NoPermissions(uri);
    }

    rename(uri: vscode.Uri): void {
        throw vscode.FileSystemError.NoPermissions(uri);
    }

    #file(uri: vscode.Uri): File {
        const file = this.#files.get(uri.path);
        if (file === undefined) {
            throw vscode.FileSystemError.FileNotFound(uri);
        }
        return file;
    }
}
