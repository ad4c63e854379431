/** Languages that suggestions are offered for; each can be switched off by the setting `tactful.languages`. */
export const LANGUAGES = ['python', 'javascript', 'javascriptreact', 'typescript', 'typescriptreact'];
