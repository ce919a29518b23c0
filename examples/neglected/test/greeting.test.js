import assert from 'node:assert/strict';
import { test } from 'node:test';
import { greeting } from '../greeting.js';

// Fails on purpose: nobody has looked at it since the greeting was changed.
test('it is polite', () => assert.equal(greeting('Anna'), 'Good day, Anna'));
