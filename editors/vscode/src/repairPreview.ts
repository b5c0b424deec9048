/**
 * The preview of repairs: each proven patch as a diff, its evidence beside it, to be taken or stepped over.
 *
 * The right side of the diff is made from the edit that `codeAction/resolve` returns, so that what is looked at is what
 * would be applied to the text of that moment. Nothing is changed before *Apply*.
 */

import * as vscode from 'vscode';
import { type CodeAction, CodeActionResolveRequest } from 'vscode-languageclient/node';
import { type Repair, type Repairs, repairsRequest, type Target } from './protocol';
import type { Server } from './server';
import { showRendered, VirtualFiles } from './virtualFiles';

const viewColumn = vscode.ViewColumn.One; // The evidence is beside it, in the second.

/** What is being looked at. */
interface Shown {
    readonly found: Repairs;
    readonly index: number;
}

export class RepairPreview {
    readonly #server: Server;
    readonly #files: VirtualFiles;
    #shown: Shown | undefined;
    #latest: Promise<unknown> = Promise.resolve();

    constructor(server: Server, files: VirtualFiles) {
        this.#server = server;
        this.#files = files;
    }

    /** Show the best repair of a failing test; search for one if none is known yet. */
    async show(target: Target): Promise<void> {
        let found = await this.#server.client.sendRequest(repairsRequest, target);
        if (found.repairs.length === 0 && found.phase !== 'none') {
            await this.#server.execute('tracemend.repair', { ...target, choose: false });
            found = await this.#server.client.sendRequest(repairsRequest, target);
        }
        if (found.repairs.length === 0) {
            void vscode.window.showInformationMessage(`No repair was found for ${found.test}. ${found.reason}`.trim());
            return;
        }
        await this.#queue(() => this.#showOne(found, 0));
    }

    /** Show the next repair of the same test, after the last one the first again. */
    showNext(): Promise<void> {
        return this.#queue(async () => {
            if (this.#shown !== undefined) {
                const { found, index } = this.#shown;
                await this.#showOne(found, (index + 1) % found.repairs.length);
            }
        });
    }

    /** Make the change that is shown, as one step of undo, and show the first file that it changed. */
    apply(): Promise<void> {
        return this.#queue(() => this.#apply());
    }

    /** Close the preview. */
    discard(): Promise<void> {
        return this.#queue(() => this.#close());
    }

    /** Let one step end before the next begins, so that no tab is opened after it was to be closed. */
    #queue(step: () => Promise<void>): Promise<void> {
        const result = this.#latest.then(step);
        this.#latest = result.catch(() => undefined); // Whoever asked for the step hears of it.
        return result;
    }

    async #apply(): Promise<void> {
        if (this.#shown === undefined) {
            return;
        }
        const { found, index } = this.#shown;
        const edit = await this.#resolve(found.repairs[index]!);
        await this.#close();
        if (await vscode.workspace.applyEdit(edit)) {
            await vscode.window.showTextDocument(edit.entries()[0]![0], { viewColumn });
        } else {
            void vscode.window.showWarningMessage('The repair was not applied: the text has changed meanwhile.');
        }
    }

    async #close(): Promise<void> {
        this.#become(undefined);
        const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter(isPreview);
        await vscode.window.tabGroups.close(tabs);
    }

    async #showOne(found: Repairs, index: number): Promise<void> {
        const repair = found.repairs[index]!;
        const edit = await this.#resolve(repair);
        await this.#close();
        this.#become({ found, index });
        const title = `Repair ${index + 1} of ${found.repairs.length}`;
        await this.#openDiff(title, edit);
        await this.#openEvidence(title, repair);
    }

    /** Keep what is shown, and tell the conditions of menus in `package.json`. */
    #become(shown: Shown | undefined): void {
        this.#shown = shown;
        const isOneOfSeveral = (shown?.found.repairs.length ?? 0) > 1;
        void vscode.commands.executeCommand('setContext', 'tracemend.previewing', shown !== undefined);
        void vscode.commands.executeCommand('setContext', 'tracemend.severalRepairs', isOneOfSeveral);
    }

    /** Return the edit for the texts as they are now. The user sees it in whole, and so is not asked once more. */
    async #resolve(repair: Repair): Promise<vscode.WorkspaceEdit> {
        const { client } = this.#server;
        const action: CodeAction = { title: repair.title, data: repair.data };
        const { edit } = await client.sendRequest(CodeActionResolveRequest.type, action);
        for (const annotation of Object.values(edit?.changeAnnotations ?? {})) {
            annotation.needsConfirmation = false;
        }
        return (await client.protocol2CodeConverter.asWorkspaceEdit(edit)) ?? new vscode.WorkspaceEdit();
    }

    async #openDiff(title: string, edit: vscode.WorkspaceEdit): Promise<void> {
        const pairs = await Promise.all(
            edit.entries().map(async ([file, edits]) => {
                const document = await vscode.workspace.openTextDocument(file);
                const path = `/${title}/${vscode.workspace.asRelativePath(file)}`;
                return [file, this.#files.put(path, edited(document, edits))] as const;
            }),
        );
        if (pairs.length === 1) {
            const [file, proposed] = pairs[0]!;
            const name = `${title}: ${vscode.workspace.asRelativePath(file)}`;
            await vscode.commands.executeCommand('vscode.diff', file, proposed, name, { viewColumn });
        } else {
            const changes = pairs.map(([file, proposed]) => [file, file, proposed]);
            await vscode.commands.executeCommand('vscode.changes', title, changes);
        }
    }

    async #openEvidence(title: string, repair: Repair): Promise<void> {
        const text = `### ${repair.title}\n\nConfidence: **${repair.confidence}**\n\n${repair.evidence}\n`;
        const page = this.#files.put(`/${title}: Evidence.md`, text);
        await showRendered(page, vscode.ViewColumn.Two);
    }
}

/** Return the document's text with the edits made, which do not overlap and are all about the text before. */
function edited(document: vscode.TextDocument, edits: readonly vscode.TextEdit[]): string {
    const fromTheEnd = [...edits].sort((a, b) => b.range.start.compareTo(a.range.start));
    return fromTheEnd.reduce((text, { range, newText }) => {
        const [start, end] = [document.offsetAt(range.start), document.offsetAt(range.end)];
        return text.slice(0, start) + newText + text.slice(end);
    }, document.getText());
}

/** Say whether a tab shows a repair: one diff, the evidence, or the diffs of several files, which only have a title. */
function isPreview({ input, label }: vscode.Tab): boolean {
    if (input instanceof vscode.TabInputTextDiff) {
        return isOfRepair(input.modified);
    }
    return input instanceof vscode.TabInputCustom ? isOfRepair(input.uri) : /^Repair \d+ of \d+$/.test(label);
}

function isOfRepair(uri: vscode.Uri): boolean {
    return uri.scheme === VirtualFiles.scheme && uri.path.startsWith('/Repair ');
}
