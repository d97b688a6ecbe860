/** Where a value may stand that speaks of one machine. */
import assert from 'node:assert/strict';
import packageJson from '../../../package.json';

describe('the settings of model and device', () => {
  const { configuration } = packageJson.contributes;
  const { restrictedConfigurations } = packageJson.capabilities.untrustedWorkspaces;

  for (const key of ['moxu.model.path', 'moxu.device'] as const) {
    it(`${key} is not what somebody’s folder says before the writer trusts it`, () => {
      assert.ok(restrictedConfigurations.includes(key));
    });

    it(`${key} counts in a window of another machine’s files, beside which Moxu runs, and goes to no other machine`, () => {
      // `machine` and `machine-overridable` would be read there from that machine’s settings alone.
      assert.equal(configuration.properties[key].scope, 'window');
      assert.equal(configuration.properties[key].ignoreSync, true);
    });
  }
});
