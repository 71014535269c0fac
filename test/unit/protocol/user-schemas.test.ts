import { describe, expect, it, vi } from 'vitest';
import { SchemaChecks } from '../../../src/protocol/user-schemas.js';

const needsNumber = { type: 'object', required: ['n'], properties: { n: { type: 'number' } } };

describe('SchemaChecks', () => {
  it('waits for the schemas to be compiled, and answers at once afterwards', async () => {
    const checks = new SchemaChecks({ 'My.Command': needsNumber });
    const early = checks.issues('My.Command', {});
    expect(early).toBeInstanceOf(Promise);
    expect(await early).toEqual([{ path: '/n', message: 'is missing' }]);
    await checks.ready();
    expect(checks.issues('My.Command', { n: 'x' })).toEqual([{ path: '/*', message: 'must be number' }]);
    expect(checks.issues('My.Command', { n: 1 })).toEqual([]);
    expect(checks.issues('Other.Command', {})).toEqual([]);
    expect(checks.issues('constructor', {})).toEqual([]);
  });

  it('finds a documented command by an alias', async () => {
    const checks = new SchemaChecks({ 'Room.CallbackUpdateRoomInfo': needsNumber });
    await checks.ready();
    expect(checks.issues('Room.CallbackUpdateRoomInfo', {})).toEqual([]);
    expect(checks.issues('Room.CallbackAfterUpdateRoomInfo', {})).toHaveLength(1);
  });

  it('rejects with the name of a schema that does not compile, and leaves no rejection unhandled', async () => {
    const checks = new SchemaChecks({ 'My.Command': { type: 'nonsense' } });
    await new Promise((resolve) => setImmediate(resolve));
    await expect(checks.ready()).rejects.toMatchObject({
      code: 'schema_invalid',
      message: expect.stringContaining('My.Command'),
      cause: expect.any(Error),
    });
    expect(() => checks.issues('My.Command', {})).toThrow(
      expect.objectContaining({ code: 'schema_invalid' }),
    );
  });

  it('lets a schema that does not compile fail only its own command', async () => {
    const checks = new SchemaChecks({ 'My.Command': { type: 'nonsense' }, 'Other.Command': needsNumber });
    await expect(checks.issues('My.Command', {})).rejects.toMatchObject({ code: 'schema_invalid' });
    expect(checks.issues('Other.Command', {})).toEqual([{ path: '/n', message: 'is missing' }]);
    expect(checks.issues('Third.Command', {})).toEqual([]);
  });

  it('says what to install where ajv is not there', async () => {
    vi.doMock('ajv/dist/2020.js', () => {
      throw new Error('no such package');
    });
    try {
      const checks = new SchemaChecks({ 'My.Command': needsNumber });
      const failure = { code: 'schema_invalid', message: expect.stringContaining('npm install ajv') };
      await expect(checks.issues('My.Command', {})).rejects.toMatchObject(failure);
      await expect(checks.ready()).rejects.toMatchObject({ ...failure, cause: expect.any(Error) });
    } finally {
      vi.doUnmock('ajv/dist/2020.js');
    }
  });
});
