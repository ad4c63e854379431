require('tactful').register()
