print("gsmbridge")
