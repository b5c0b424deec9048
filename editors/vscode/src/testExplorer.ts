/**
 * The Test Explorer: pytest's tests with the verdicts that hold now.
 *
 * The server runs tests by itself on every save, so a `TestRun` of VS Code is opened whenever something runs, whoever
 * asked for it, and ended when nothing does. What is shown follows `tracemend/status`: each change leads to one request
 * for the tests, at most one at a time.
 */

import * as vscode from 'vscode';
import { type KnownTest, type Target, type TestsOfFolder, testsRequest } from './protocol';
import type { Server } from './server';
import { buildTree, keyOf, place } from './testTree';

const refreshDelay_ms = 100;

/** One test in the tree; `shown` is the state that VS Code was told last. */
interface Leaf {
    readonly folder: TestsOfFolder;
    readonly test: KnownTest;
    readonly item: vscode.TestItem;
    shown: string;
}

/** What somebody asked to run: done once every one of `tests` has a verdict of this run or a later one. */
interface AskedRun {
    readonly number: number;
    readonly tests: ReadonlySet<string>;
}

export class TestExplorer implements vscode.Disposable {
    readonly #server: Server;
    readonly #controller = vscode.tests.createTestController('tracemend', 'tracemend');
    readonly #listener: vscode.Disposable;
    #folders: readonly TestsOfFolder[] = [];
    #leaves = new Map<string, Leaf>();
    #run: vscode.TestRun | undefined;
    #asked: AskedRun[] = [];
    #unnumbered = 0; // Runs that were asked for and of which the server has not said the number yet.
    #timer: NodeJS.Timeout | undefined;
    #isAsking = false;
    #isOutdated = false;

    constructor(server: Server) {
        this.#server = server;
        this.#listener = server.onDidChange(() => this.#refreshSoon());
        this.#controller.refreshHandler = async () => void (await server.execute('tracemend.restartRunner'));
        const run = (request: vscode.TestRunRequest) => this.#runTests(request);
        this.#controller.createRunProfile('Run', vscode.TestRunProfileKind.Run, run, true);
    }

    /** The tests as last heard. */
    get folders(): readonly TestsOfFolder[] {
        return this.#folders;
    }

    /** The tree of the tests, as VS Code shows it. */
    get items(): vscode.TestItemCollection {
        return this.#controller.items;
    }

    /** Return each test that fails now. */
    failing(): Target[] {
        return this.#failingLeaves().map(targetOf);
    }

    /** Return the tests that fail on the line of the cursor, or whose code begins there. */
    failingAt(editor: vscode.TextEditor | undefined): Target[] {
        const isHere = (place: vscode.Location | undefined) =>
            place?.uri.toString() === editor?.document.uri.toString() &&
            place?.range.start.line === editor?.selection.active.line;
        return this.#failingLeaves()
            .filter((leaf) => isHere(failurePlace(leaf.test)) || isHere(itemPlace(leaf.item)))
            .map(targetOf);
    }

    /** Return where a test fails. */
    placeOfFailure(target: Target): vscode.Location | undefined {
        const leaf = this.#leaves.get(keyOf(target, target.tests[0] ?? ''));
        return leaf && (failurePlace(leaf.test) ?? itemPlace(leaf.item));
    }

    dispose(): void {
        clearTimeout(this.#timer);
        this.#run?.end();
        vscode.Disposable.from(this.#listener, this.#controller).dispose();
    }

    #refreshSoon(): void {
        this.#isOutdated = true;
        this.#timer ??= setTimeout(() => {
            this.#timer = undefined;
            void this.#refresh();
        }, refreshDelay_ms);
    }

    /** Ask for the tests, and again if something has changed meanwhile. */
    async #refresh(): Promise<void> {
        if (this.#isAsking) {
            return;
        }
        this.#isAsking = true;
        this.#isOutdated = false;
        try {
            this.#show(await this.#knownTests());
        } finally {
            this.#isAsking = false;
        }
        if (this.#isOutdated) {
            this.#refreshSoon();
        }
    }

    /** Return what the server knows: nothing where it does not run, or is just leaving. */
    async #knownTests(): Promise<readonly TestsOfFolder[]> {
        if (this.#server.state !== 'running') {
            return [];
        }
        return this.#server.client.sendRequest(testsRequest).catch(() => []);
    }

    #show(folders: readonly TestsOfFolder[]): void {
        const before = this.#leaves;
        const known = folders.flatMap((folder) => folder.tests.map((test) => ({ folder, test })));
        const keys = known.map(({ folder, test }) => keyOf(folder, test.id));
        const isSame =
            folders.length === this.#folders.length && keys.length === before.size && keys.every((key) => before.has(key));
        const items = isSame ? undefined : buildTree(this.#controller, folders);
        this.#leaves = new Map(
            known.map(({ folder, test }, index) => {
                const old = before.get(keys[index]!);
                const item = items?.get(keys[index]!) ?? old!.item;
                return [keys[index]!, { folder, test, item, shown: old?.shown ?? '' }];
            }),
        );
        this.#folders = folders;
        this.#showVerdicts();
    }

    /** Tell VS Code of each verdict that is new, and end the run when nothing runs any more. */
    #showVerdicts(): void {
        for (const leaf of this.#leaves.values()) {
            const state = stateOf(leaf.test);
            if (leaf.shown !== state) {
                leaf.shown = state;
                place(leaf.item, leaf.test);
                this.#showVerdict(leaf);
            }
        }
        this.#asked = this.#asked.filter((asked) => !this.#isDone(asked));
        const isRunning = [...this.#leaves.values()].some((one) => one.test.verdict === 'running');
        if (!isRunning && this.#asked.length === 0 && this.#unnumbered === 0) {
            this.#run?.end();
            this.#run = undefined;
        }
    }

    #showVerdict({ item, test }: Leaf): void {
        const duration_ms = (test.seconds ?? 0) * 1000;
        switch (test.verdict) {
            case 'unknown':
                return;
            case 'stale':
                return this.#controller.invalidateTestResults(item);
            case 'running':
                return this.#openRun().started(item);
            case 'skipped':
                return this.#openRun().skipped(item);
            case 'passed':
                return this.#openRun().passed(item, duration_ms);
            case 'failed':
                return this.#openRun().failed(item, messageOf(test), duration_ms);
        }
    }

    #openRun(request = new vscode.TestRunRequest()): vscode.TestRun {
        if (this.#run === undefined) {
            this.#run = this.#controller.createTestRun(request, 'tracemend', false);
            this.#run.token.onCancellationRequested(() => this.#stopRun());
        }
        return this.#run;
    }

    async #stopRun(): Promise<void> {
        this.#asked = [];
        await this.#server.execute('tracemend.stopRun');
        this.#refreshSoon();
    }

    async #runTests(request: vscode.TestRunRequest): Promise<void> {
        const excluded = new Set(request.exclude?.flatMap((item) => this.#below(item)));
        const included = request.include?.flatMap((item) => this.#below(item)) ?? [...this.#leaves.values()];
        const wanted = included.filter((leaf) => !excluded.has(leaf));
        const run = this.#openRun(request);
        wanted.forEach((leaf) => run.enqueued(leaf.item));
        for (const folder of new Set(wanted.map((leaf) => leaf.folder))) {
            const tests = wanted.filter((leaf) => leaf.folder === folder).map((leaf) => leaf.test.id);
            await this.#runInFolder({ root: folder.root, tests });
        }
        this.#refreshSoon();
    }

    async #runInFolder(target: Target): Promise<void> {
        this.#unnumbered += 1;
        try {
            const started = (await this.#server.execute('tracemend.run', target)) as { run: number };
            const keys = target.tests.map((test) => keyOf(target, test));
            this.#asked.push({ number: started.run, tests: new Set(keys) });
        } finally {
            this.#unnumbered -= 1;
        }
    }

    #isDone(asked: AskedRun): boolean {
        return [...asked.tests].every((key) => {
            const test = this.#leaves.get(key)?.test;
            return test === undefined || (test.verdict !== 'running' && (test.run ?? 0) >= asked.number);
        });
    }

    #failingLeaves(): Leaf[] {
        return [...this.#leaves.values()].filter((leaf) => leaf.test.verdict === 'failed');
    }

    /** Return the tests at and below an item. */
    #below(item: vscode.TestItem): Leaf[] {
        const own = [...this.#leaves.values()].filter((leaf) => leaf.item === item);
        return [...own, ...[...item.children].flatMap(([, child]) => this.#below(child))];
    }
}

/** Return a text that differs whenever there is something new to show. */
function stateOf(test: KnownTest): string {
    return JSON.stringify([test.verdict, test.run, test.line, test.failure]);
}

function messageOf(test: KnownTest): vscode.TestMessage {
    const message = new vscode.TestMessage(test.failure?.message ?? 'The test fails.');
    message.location = failurePlace(test);
    return message;
}

function failurePlace({ failure }: KnownTest): vscode.Location | undefined {
    if (failure?.uri === undefined || failure.line === undefined) {
        return undefined;
    }
    return new vscode.Location(vscode.Uri.parse(failure.uri), new vscode.Position(failure.line, 0));
}

function itemPlace(item: vscode.TestItem): vscode.Location | undefined {
    return item.uri && item.range && new vscode.Location(item.uri, item.range);
}

function targetOf({ folder, test }: Leaf): Target {
    return { root: folder.root, tests: [test.id] };
}
