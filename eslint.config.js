import tseslint from 'typescript-eslint';

/** Floors 0–5 compute: they read no clock, environment or global. io/ alone touches the file system. */
const PURE = [
  'base',
  'engine',
  'scenario',
  'cluster',
  'energy',
  'training',
  'workload',
  'power',
  'economics',
  'policy',
  'metrics',
  'plan',
  'sim',
];

const onlyIn = (name, folder) => ({ name, message: `Only ${folder} uses ${name}.` });
const PACKAGES = [
  onlyIn('commander', 'src/cli'),
  onlyIn('piscina', 'src/pool/threads.ts'),
  onlyIn('seedrandom', 'src/base/random.ts'),
  onlyIn('node:fs', 'src/io'),
  onlyIn('node:fs/promises', 'src/io'),
];
const without = (...names) => PACKAGES.filter((rule) => !names.includes(rule.name));
const restrict = (paths) => ({ 'no-restricted-imports': ['error', { paths }] });

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'coverage', 'test/run.mjs'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      // Typed arrays are read by indices that are correct by construction.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      eqeqeq: 'error',
    },
  },
  { files: ['src/**', 'workers/**'], rules: restrict(PACKAGES) },
  { files: ['src/cli/**'], rules: restrict(without('commander')) },
  { files: ['src/pool/threads.ts'], rules: restrict(without('piscina')) },
  { files: ['src/base/random.ts'], rules: restrict(without('seedrandom')) },
  { files: ['src/io/**'], rules: restrict(without('node:fs', 'node:fs/promises')) },
  {
    files: PURE.map((folder) => `src/${folder}/**`),
    rules: {
      'no-restricted-globals': [
        'error',
        'process',
        'performance',
        'Date',
        'console',
        'setTimeout',
        'setInterval',
        'fetch',
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Draw from RandomStreams.' },
      ],
    },
  },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
);
