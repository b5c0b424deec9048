/**
 * The server as the rest of the plug-in sees it: found, started, restarted, asked.
 *
 * Starting and stopping are put one behind the other, so that a change of settings in the middle of a start cannot leave
 * two servers. Nobody waits for a start: views listen to `onDidChange` and show what is known.
 */

import * as vscode from 'vscode';
import {
    type ConfigurationParams,
    LanguageClient,
    type LanguageClientOptions,
    State,
} from 'vscode-languageclient/node';
import { completesNames } from './completion';
import { showsExplanation } from './explanations';
import { findServer, type ServerCommand } from './findServer';
import { interpreters } from './interpreters';
import { type ServerStatus, statusNotification, type Target, trustNotification } from './protocol';
import { serverPath, writtenSettings } from './settings';
import type { VirtualFiles } from './virtualFiles';

/** `missing` means that there is no tracemend on this machine, `failed` that there is one and it does not run. */
export type ServerState = 'stopped' | 'starting' | 'running' | 'missing' | 'failed';

export class Server implements vscode.Disposable {
    readonly #changed = new vscode.EventEmitter<void>();
    /** Fired whenever `state` or `status` has changed. */
    readonly onDidChange = this.#changed.event;
    /** Commands of lenses and code actions that this plug-in carries out in its own way. */
    readonly overrides = new Map<string, (target: Target) => Promise<void>>();
    readonly #output: vscode.LogOutputChannel;
    readonly #files: VirtualFiles;
    readonly #settings: readonly string[];
    #client: LanguageClient | undefined;
    #state: ServerState = 'stopped';
    #status: ServerStatus | undefined;
    #latest: Promise<void> = Promise.resolve();

    constructor(output: vscode.LogOutputChannel, files: VirtualFiles, settings: readonly string[]) {
        this.#output = output;
        this.#files = files;
        this.#settings = settings;
    }

    get state(): ServerState {
        return this.#state;
    }

    /** What the server said last; undefined while it does not run. */
    get status(): ServerStatus | undefined {
        return this.#status;
    }

    /** The running client. Throws a sentence for the user where there is none. */
    get client(): LanguageClient {
        if (this.#client === undefined || this.#state !== 'running') {
            throw new Error(`tracemend's server is not running (${this.#state}).`);
        }
        return this.#client;
    }

    /** Find the server and start it, after having stopped the one that runs. */
    restart(): Promise<void> {
        return this.#queue(async () => {
            await this.#stop();
            await this.#start();
        });
    }

    stop(): Promise<void> {
        return this.#queue(() => this.#stop());
    }

    /** Carry out one of the server's commands. */
    execute(command: string, argument?: object): Promise<unknown> {
        const params = { command, arguments: argument === undefined ? [] : [argument] };
        return this.client.sendRequest('workspace/executeCommand', params);
    }

    /** Tell the server that the user trusts the workspace now; one that is starting may have been told otherwise. */
    trust(): Promise<void> {
        return this.#queue(async () => {
            if (this.#state === 'running') {
                await this.client.sendNotification(trustNotification, { trusted: true });
            }
        });
    }

    async dispose(): Promise<void> {
        await this.stop();
        this.#changed.dispose();
    }

    /** Carry out an action after the one before it. What goes wrong is a state, which the status bar shows. */
    #queue(action: () => Promise<void>): Promise<void> {
        this.#latest = this.#latest.then(action).catch((error) => {
            this.#output.error(`The server did not start: ${String(error)}`);
            this.#become('failed');
        });
        return this.#latest;
    }

    async #start(): Promise<void> {
        this.#become('starting');
        const command = await findServer({
            setting: serverPath(),
            interpreters: await interpreters(),
            searchPath: process.env['PATH'] ?? '',
        });
        if (command === undefined) {
            this.#output.warn('tracemend was found neither in a Python interpreter nor on the search path.');
            this.#become('missing');
            return;
        }
        this.#output.info(`Starting the server from ${command.origin}.`);
        this.#client = this.#makeClient(command);
        await this.#client.start();
    }

    async #stop(): Promise<void> {
        const client = this.#client;
        this.#client = undefined;
        this.#become('stopped');
        if (client !== undefined) {
            await client.dispose().catch((error) => this.#output.warn(`The server did not stop by itself: ${error}`));
        }
    }

    #makeClient(command: ServerCommand): LanguageClient {
        const executable = { command: command.command, args: [...command.args] };
        const client = new LanguageClient('tracemend', 'tracemend', executable, this.#clientOptions());
        client.onNotification(statusNotification, (status) => {
            if (client === this.#client) {
                this.#status = status;
                this.#changed.fire();
            }
        });
        client.onDidChangeState(({ newState }) => {
            if (client === this.#client) {
                this.#become(stateOf(newState));
            }
        });
        return client;
    }

    #clientOptions(): LanguageClientOptions {
        return {
            documentSelector: ['file', 'untitled'].map((scheme) => ({ scheme, language: 'python' })),
            outputChannel: this.#output,
            initializationOptions: () => ({ trusted: vscode.workspace.isTrusted }),
            middleware: {
                window: {
                    showDocument: async (params, token, next) =>
                        (await showsExplanation(this.client, this.#files, params.uri)) ? { success: true } : next(params, token),
                },
                provideCompletionItem: (document, position, context, token, next) =>
                    completesNames(document.uri) ? next(document, position, context, token) : undefined,
                executeCommand: (command, args, next) => this.overrides.get(command)?.(args[0]) ?? next(command, args),
                workspace: { configuration: (params) => this.#answerSettings(params) },
            },
        };
    }

    #answerSettings(params: ConfigurationParams): Record<string, unknown>[] {
        return params.items.map(({ scopeUri }) =>
            writtenSettings(this.#settings, scopeUri === undefined ? undefined : vscode.Uri.parse(scopeUri)),
        );
    }

    #become(state: ServerState): void {
        this.#state = state;
        if (state !== 'running') {
            this.#status = undefined;
        }
        this.#changed.fire();
    }
}

function stateOf(state: State): ServerState {
    switch (state) {
        case State.Running:
            return 'running';
        case State.Starting:
            return 'starting';
        default:
            return 'failed';
    }
}
