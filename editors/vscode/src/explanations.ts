/** *Explain failure*: the server's Markdown page, shown rendered. */

import * as vscode from 'vscode';
import { type LanguageClient, TextDocumentContentRequest } from 'vscode-languageclient/node';
import { showRendered, type VirtualFiles } from './virtualFiles';

const scheme = 'tracemend';

/** Show the page that the server asks to show, if it is one of its explanations; say whether it was. */
export async function showsExplanation(client: LanguageClient, files: VirtualFiles, uri: string): Promise<boolean> {
    const page = vscode.Uri.parse(uri);
    if (page.scheme !== scheme) {
        return false;
    }
    const { text } = await client.sendRequest(TextDocumentContentRequest.type, { uri });
    await showRendered(files.put(page.path, text), vscode.ViewColumn.Beside);
    return true;
}
