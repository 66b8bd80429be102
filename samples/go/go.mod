module vigil.example/watch

go 1.18
