import { instead, item, param, phase } from '../words.ts';

const python = 'python';

/** Phase 1 of the checklist: code quality and security. */
export const code = phase('code', 'Code quality and security', 'Качество кода и безопасность', [
  item('tests', 'All tests pass', 'Все тесты проходят', {
    role: 'development',
    check: { command: { run: param('testCommand') } },
    timeout: '30m',
    confirm: instead('1d'),
  }),
  item('coverage', 'Tests cover more than 80 % of the code', 'Покрытие тестами больше 80 %', {
    role: 'development',
    check: { coverage: { file: param('coverageFile'), atLeast: param('coverageFloor') } },
  }),
  item('typescript', 'No errors of TypeScript', 'Нет ошибок TypeScript', {
    role: 'development',
    if: 'typescript',
    check: { command: { run: param('typescriptCommand') } },
    timeout: '10m',
  }),
  item('type-hints', 'Type hints are checked (mypy --strict)', 'Аннотации типов проверены (mypy --strict)', {
    role: 'development',
    if: python,
    check: { command: { run: ['mypy', param('pythonSources'), '--strict'] } },
    timeout: '10m',
  }),
  item('python-dependencies', 'No vulnerable Python packages', 'Нет уязвимых пакетов Python', {
    role: 'security',
    if: python,
    check: { command: { run: ['pip-audit'] } },
    timeout: '5m',
  }),
  item('python-security', 'No insecure code (bandit)', 'Нет небезопасного кода (bandit)', {
    role: 'security',
    if: python,
    check: { command: { run: ['bandit', '-q', '-r', param('pythonSources')] } },
    timeout: '5m',
  }),
  item('node-dependencies', 'No vulnerable npm packages', 'Нет уязвимых пакетов npm', {
    role: 'security',
    if: 'node',
    check: { vulnerabilities: param('vulnerabilities') },
    timeout: '5m',
  }),
  item('secrets', 'No secrets in the code', 'Нет секретов в коде', {
    role: 'security',
    check: { secrets: { folder: param('sources'), history: false } },
    timeout: '5m',
  }),
  item('secrets-history', 'No secrets in the history of the code', 'Нет секретов в истории кода', {
    role: 'security',
    check: { secrets: { folder: param('sources'), history: true } },
    timeout: '15m',
  }),
  item('python-format', 'The Python code is formatted (black)', 'Код Python отформатирован (black)', {
    role: 'development',
    severity: 'warning',
    if: python,
    check: { command: { run: ['black', param('pythonSources'), '--check'] } },
  }),
  item('python-style', 'The Python code has no faults of style (flake8)', 'Нет замечаний к стилю кода Python (flake8)', {
    role: 'development',
    severity: 'warning',
    if: python,
    check: { command: { run: ['flake8', param('pythonSources')] } },
  }),
  item('python-lint', 'Pylint gives the Python code 8.0 or more', 'Оценка pylint не ниже 8.0', {
    role: 'development',
    severity: 'warning',
    if: python,
    check: { command: { run: ['pylint', param('pythonSources'), '--fail-under=8.0'] } },
    timeout: '10m',
  }),
  item('lint', 'The linter finds nothing', 'Линтер не находит замечаний', {
    role: 'development',
    severity: 'warning',
    if: 'lintCommand || !python',
    check: { command: { run: param('lintCommand') } },
    timeout: '10m',
  }),
]);
