// Loads the package as a project does that has Express 4 installed: its router is then of Express 4 as well.

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
require('express4');
require.cache[require.resolve('express')] = require.cache[require.resolve('express4')];

export const express = require('express');
export const im = require('qcloud-im-callback');
