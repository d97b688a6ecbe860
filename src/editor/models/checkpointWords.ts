/** Why a folder cannot be imported, in the writer's words, and what to do about it. */
import * as vscode from 'vscode';
import type { EngineError } from '../../errors';

/** @param error of code 'checkpoint-invalid' */
export function checkpointProblemInWords({ fault, subject = '' }: EngineError): string {
  const { l10n } = vscode;
  switch (fault) {
    case 'no-weights':
      return l10n.t(
        'There is no model in “{0}” that Moxu can read. It needs one of these files: model.safetensors, pytorch_model.bin or mp_rank_00_model_states.pt. Choose the folder that holds it; if the file was renamed (as in “pytorch_model (1).bin”), give it its name back.',
        subject,
      );
    case 'several':
      return l10n.t('There are several models in “{0}”. Choose the folder of the one that you want.', subject);
    case 'packed':
      return l10n.t('“{0}” is packed. Unpack it first, then import the folder that comes out.', subject);
    case 'other-format':
      return l10n.t(
        '“{0}” is in a format for other programs, such as GGUF (llama.cpp, Ollama, LM Studio) or TensorFlow, which Moxu cannot read. Download the original of a GPT-2 model, such as CPM, with model.safetensors or pytorch_model.bin, and import that.',
        subject,
      );
    case 'adapter':
      return l10n.t(
        '“{0}” belongs to an adapter (LoRA): it changes another model, and cannot write without it. Merge the two first, or import the model that it belongs to.',
        subject,
      );
    case 'downloading':
      return l10n.t('“{0}” has not been downloaded to its end. Let the download finish, then import again.', subject);
    case 'pointer':
      return l10n.t(
        '“{0}” is not the file itself, but the few lines that Git LFS puts in its place. Download this file from the model’s page and replace it (or run “git lfs pull”), then import again.',
        subject,
      );
    case 'incomplete':
      return l10n.t(
        '“{0}” is incomplete or damaged, probably because its download broke off. Download this file again, then import again.',
        subject,
      );
    case 'missing-part':
      return l10n.t(
        '“{0}” is missing, and the other files are of no use without it. Download it into the same folder, then import again.',
        subject,
      );
    case 'no-config':
      return l10n.t(
        'config.json is missing or incomplete: without it Moxu cannot tell how this model is built. Download it from the model’s page into the same folder, then import again.',
      );
    case 'mixed':
      return l10n.t(
        '“{0}” does not fit the other files: they seem to come from different models. Download all files of one model into an empty folder, then import that.',
        subject,
      );
    case 'other-model':
      return l10n.t(
        'Moxu cannot run this kind of model ({0}): it runs GPT-2 models, such as CPM. Choose another model.',
        subject,
      );
    case 'not-only-tensors':
      return l10n.t(
        'This file holds more than weights ({0}), and Moxu runs no code that comes with a model. Use the model.safetensors of this model if there is one, or choose another model.',
        subject,
      );
    case 'link':
      return l10n.t(
        '“{0}” is only a link to a file somewhere else. Copy the file itself into the folder, then import again.',
        subject,
      );
    case 'unreadable':
      return l10n.t(
        '“{0}” cannot be read: perhaps another program has it open, or you lack the permission. Check that, then import again.',
        subject,
      );
    case 'tokenizer':
      return l10n.t(
        '“{0}” is not this model’s tokenizer, or is damaged. Download the tokenizer’s file from the model’s page again, then import again.',
        subject,
      );
    case undefined:
      return subject === ''
        ? l10n.t(
            'This folder cannot be imported: files are missing, incomplete, or of a kind that Moxu does not convert; the log says which. Check that it was downloaded completely, or choose another one.',
          )
        : l10n.t(
            'This folder cannot be imported because of {0}: it is missing, damaged, or not something Moxu can convert; the log says more. Check that it was downloaded completely, or choose another one.',
            subject,
          );
  }
}
