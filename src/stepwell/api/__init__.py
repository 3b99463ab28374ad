"""The AWS wire: AWS JSON 1.0, validation from the service model, errors as AWS has them."""
