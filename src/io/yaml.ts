import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument, visit } from 'yaml';
import type { Document, Node, ParsedNode, YAMLMap } from 'yaml';
import { SimError } from '../base/errors.js';
import type { Issue } from '../base/errors.js';
import type { SourceDoc } from '../scenario/sourceDoc.js';

/** Longest text read as a document, characters. Scenario files are tens of kilobytes; series and traces are CSV. */
const MAX_TEXT_LENGTH = 4_000_000;
/** More faults than this are counted, not listed: a binary file would give thousands. */
const MAX_ISSUES = 20;
/** Aliases a document may expand to before it is taken for an attack on memory. */
const MAX_ALIASES = 100;
/** Merges it may expand to: the same, where no alias is copied. */
const MAX_MERGES = 1000;

/**
 * Reads YAML 1.2 (core schema: `NO` is text, not false; with merge keys) or JSON into plain values that know their place.
 * A value that was merged in stands where it is written.
 *
 * One document a file, no custom tags, no duplicate keys, keys are scalars and become text.
 *
 * @param text - the whole file; a byte order mark and CRLF line ends are fine
 * @param file - name for messages
 * @throws SimError `scenario.invalid` with every syntax fault, each with line, column and the line itself
 */
export function parseYaml(text: string, file: string): SourceDoc {
  if (text.length > MAX_TEXT_LENGTH) {
    const message = `expected at most ${MAX_TEXT_LENGTH} characters, got ${text.length}`;
    throw invalid(file, [{ path: '', message, hint: 'Put long series and traces into CSV files.', file }]);
  }
  const lines = new LineCounter();
  const source = new SourceText(text, file, lines);
  const document = source.compose();
  const faults = [
    ...controlFaults(text, source),
    ...syntaxFaults(document, source),
    ...keyFaults(document, source),
    ...mergeFaults(document, source),
  ];
  if (faults.length > 0) throw invalid(file, faults);
  if (document.contents === null || isEmpty(document.contents)) {
    throw invalid(file, [source.issueAt(0, 'expected a document, got nothing but blanks and comments')]);
  }
  const value = source.valueOf(document);
  const pairs = new PairIndex(document);
  return {
    file,
    value,
    locate: (path, onKey = false) => source.position(offsetOf(document, pairs, path, onKey)),
  };
}

/** The text with what is needed to point into it. */
class SourceText {
  readonly #text: string;
  readonly #file: string;
  readonly #lines: LineCounter;

  constructor(text: string, file: string, lines: LineCounter) {
    this.#text = text;
    this.#file = file;
    this.#lines = lines;
  }

  compose(): Document.Parsed {
    try {
      const document = parseDocument(this.#text, {
        version: '1.2',
        schema: 'core',
        // `<<: *defaults` of YAML 1.1, in wide use.
        merge: true,
        // Checked below: the parser compares every key with every other of its map.
        uniqueKeys: false,
        strict: true,
        prettyErrors: false,
        logLevel: 'error',
        lineCounter: this.#lines,
      });
      // It reports some of its own overflows as faults of the text, with hundreds in their wake.
      if (document.errors.some(({ message }) => message.includes('call stack'))) throw new RangeError('nested');
      return document;
    } catch (thrown) {
      // The parser recurses into nested collections; it has no depth limit of its own.
      if (!(thrown instanceof RangeError)) throw thrown;
      throw this.#tooDeep();
    }
  }

  valueOf(document: Document.Parsed): unknown {
    try {
      return document.toJS({ maxAliasCount: MAX_ALIASES });
    } catch (thrown) {
      if (thrown instanceof RangeError) throw this.#tooDeep();
      if (!(thrown instanceof ReferenceError)) throw thrown;
      const message = `expected aliases that expand to at most ${MAX_ALIASES} copies, got more`;
      throw invalid(this.#file, [{ path: '', message, hint: 'Write the values out.', file: this.#file }]);
    }
  }

  issueAt(offset: number, message: string, hint?: string): Issue {
    return { path: '', message, ...(hint === undefined ? {} : { hint }), file: this.#file, ...this.position(offset) };
  }

  position(offset: number): { line: number; column: number; sourceLine: string } {
    const found = this.#lines.linePos(offset);
    const line = Math.max(1, found.line);
    const start = this.#lines.lineStarts[line - 1] ?? 0;
    const end = this.#text.indexOf('\n', start);
    const sourceLine = this.#text.slice(start, end === -1 ? undefined : end).replace(/\r$/, '');
    return { line, column: Math.max(1, found.col), sourceLine };
  }

  #tooDeep(): SimError {
    const message = 'expected collections nested a few levels deep, got too many levels to read';
    return invalid(this.#file, [{ path: '', message, file: this.#file }]);
  }
}

/** YAML and JSON allow none of them unescaped; the parser would let them into plain text. */
function controlFaults(text: string, source: SourceText): Issue[] {
  const at = text.search(/[\0-\x08\x0B\x0C\x0E-\x1F]/);
  return at === -1 ? [] : [source.issueAt(at, 'expected text, got a control character', 'Is this a text file?')];
}

/** What the parser says to programmers, said to the author of a file. */
const OWN_WORDS: Readonly<Record<string, { readonly message: string; readonly hint: string } | undefined>> = {
  MULTIPLE_DOCS: { message: 'expected one document a file, got another that begins here', hint: 'Split the file.' },
};

function syntaxFaults(document: Document.Parsed, source: SourceText): Issue[] {
  // A warning is an unknown tag or a directive that would be ignored; nothing here is ignored.
  return [...document.errors, ...document.warnings].map((fault) => {
    const tag = fault.code === 'TAG_RESOLVE_FAILED';
    const own = OWN_WORDS[fault.code];
    return source.issueAt(
      fault.pos[0],
      own?.message ?? fault.message,
      own?.hint ?? (tag ? 'Remove the tag.' : undefined),
    );
  });
}

/** Keys that are no text, and keys that read the same as another of their map. */
function keyFaults(document: Document.Parsed, source: SourceText): Issue[] {
  const faults: Issue[] = [];
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>();
      for (const pair of map.items) {
        const key = pair.key as Node | null;
        const offset = key?.range?.[0] ?? 0;
        if (!isScalar(key)) {
          faults.push(source.issueAt(offset, 'expected a plain key, got a collection or an alias as key'));
          continue;
        }
        const text = String(key.value);
        if (seen.has(text)) faults.push(source.issueAt(offset, 'this key stands here twice', 'Keep one of them.'));
        seen.add(text);
      }
    },
  });
  return faults;
}

/** Whether the pair merges other maps into its own, as `<<: *defaults` does. */
const merges = ({ key }: { readonly key: unknown }): boolean =>
  isScalar(key) && typeof key.value === 'symbol' && key.value.description === '<<';

/** What stands under a merge key, aliases followed: a map, or each of a list. */
function mergeSources(document: Document.Parsed, value: unknown): readonly unknown[] {
  const follow = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);
  const found = follow(value);
  return isSeq(found) ? found.items.map(follow) : [found];
}

/** Merge keys with anything but maps, and such as would expand without end: the parser counts only what aliases copy. */
function mergeFaults(document: Document.Parsed, source: SourceText): Issue[] {
  const faults: Issue[] = [];
  const known = new Map<unknown, number>();
  // Merges that a node expands to, those of what it merges and of what it repeats among them.
  const count = (node: unknown): number => {
    const own = isAlias(node) ? node.resolve(document) : node;
    const before = known.get(own);
    if (before !== undefined) return before;
    known.set(own, Number.POSITIVE_INFINITY);
    let sum = 0;
    if (isSeq(own))
      for (const item of own.items)
        sum += isAlias(item) && known.get(item.resolve(document)) === Infinity ? 0 : count(item);
    if (isMap(own)) {
      for (const pair of own.items) {
        const { key, value } = pair as { key: Node; value: unknown };
        if (!merges(pair)) {
          sum += isAlias(value) && known.get(value.resolve(document)) === Infinity ? 0 : count(value);
          continue;
        }
        const sources = mergeSources(document, value);
        if (!sources.every(isMap)) {
          const message = 'expected a map to merge, or a list of maps, got something else';
          faults.push(source.issueAt((value as Node | null)?.range?.[0] ?? key.range![0], message));
        } else for (const merged of sources) sum += 1 + count(merged);
      }
    }
    known.set(own, sum);
    return sum;
  };
  const expanded = count(document.contents);
  if (faults.length === 0 && expanded > MAX_MERGES) {
    faults.push(
      source.issueAt(
        0,
        `expected merge keys that expand to at most ${MAX_MERGES} merges, got more`,
        'Write the values out.',
      ),
    );
  }
  return faults;
}

function invalid(file: string, faults: readonly Issue[]): SimError {
  const sorted = [...faults].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  const first = sorted[0]!;
  const place = first.line === undefined ? file : `${file}:${first.line}:${first.column!}`;
  const more = sorted.length > 1 ? ` (and ${sorted.length - 1} more)` : '';
  const message = `${place}: cannot be read as YAML or JSON: ${first.message}${more}`;
  return new SimError('scenario.invalid', message, sorted.slice(0, MAX_ISSUES));
}

/** Offset of the node at a path, or of the deepest node on the way to it that exists. */
function offsetOf(
  document: Document.Parsed,
  pairs: PairIndex,
  path: readonly (string | number)[],
  onKey: boolean,
): number {
  let node: Node | null | undefined = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const [depth, segment] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const last = depth === path.length - 1;
    if (isMap<ParsedNode, ParsedNode | null>(node)) {
      const pair = pairs.find(node, String(segment));
      if (pair === undefined) break;
      const value = pair.value;
      // A key without a value has its empty value wherever the parser gave up looking; the key is the better place.
      const pointed = (last && onKey) || value === null || isEmpty(value) ? pair.key : value;
      offset = pointed.range[0];
      node = value;
    } else if (isSeq(node) && typeof segment === 'number') {
      const item = node.items[segment] as Node | undefined;
      if (item === undefined) break;
      offset = item.range?.[0] ?? offset;
      node = item;
    } else break;
  }
  return offset;
}

type ParsedMap = YAMLMap<ParsedNode, ParsedNode | null>;
type ParsedPair = ParsedMap['items'][number];

/** Pairs by their key's text, own before merged ones, made for a map when it is first looked into. */
class PairIndex {
  readonly #document: Document.Parsed;
  readonly #ofMap = new WeakMap<ParsedMap, ReadonlyMap<string, ParsedPair>>();

  constructor(document: Document.Parsed) {
    this.#document = document;
  }

  find(map: ParsedMap, key: string): ParsedPair | undefined {
    return this.#pairsOf(map).get(key);
  }

  #pairsOf(map: ParsedMap): ReadonlyMap<string, ParsedPair> {
    const known = this.#ofMap.get(map);
    if (known !== undefined) return known;
    const pairs = new Map(map.items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair]] : [])));
    for (const source of map.items.filter(merges).flatMap(({ value }) => mergeSources(this.#document, value))) {
      for (const [key, pair] of this.#pairsOf(source as ParsedMap)) if (!pairs.has(key)) pairs.set(key, pair);
    }
    this.#ofMap.set(map, pairs);
    return pairs;
  }
}

const isEmpty = (node: Node): boolean => isScalar(node) && node.value === null && node.source === '';
